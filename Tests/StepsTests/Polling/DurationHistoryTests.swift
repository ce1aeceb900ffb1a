import ControlPlaneTypes
import Testing

@testable import Steps

@Suite struct DurationHistoryTests {
    @Test(arguments: [-5.0, 0, 0.5, 7201, 1e15])
    func `an absurd duration counts as none`(seconds: Double) {
        #expect(DurationHistory([.seconds(seconds)]) == DurationHistory())
        #expect(DurationHistory([.seconds(seconds), .seconds(60)]) == DurationHistory([.seconds(60)]))
    }

    @Test func `only the newest 20 count`() {
        let durations = (1...30).map { Duration.seconds($0 * 10) }
        #expect(DurationHistory(durations) == DurationHistory(Array(durations.prefix(20))))
    }

    @Test func `the typical duration is the median, which one odd build cannot move`() {
        let history = DurationHistory([.seconds(100), .seconds(101), .seconds(99), .seconds(100), .seconds(5000)])
        #expect(abs(history.typical - 100) < 0.01)
        #expect(history.spread < 0.1)
    }

    @Test func `one duration alone is taken to vary by 15 percent or so`() {
        #expect((0.1...0.15).contains(DurationHistory([.seconds(100)]).spread))
    }

    @Test func `an empty history has finite numbers`() {
        let history = DurationHistory()
        #expect(history.isEmpty)
        #expect(history.bandwidth.isFinite && history.bandwidth > 0)
    }

    @Test func `revisions count from creation to DEPLOYED`() {
        let revisions = [
            revision(.deployed, from: "2025-01-01T10:00:00Z", to: "2025-01-01T10:05:00Z"),
            revision(.buildFailed, from: "2025-01-01T09:00:00Z", to: "2025-01-01T09:01:00Z"),
            revision(.deployed, from: "2025-01-01T08:00:00Z", to: "2025-01-01T07:00:00Z"),
            revision(.deployed, from: "not a time", to: "2025-01-01T07:00:00Z"),
            revision(.deployed, from: nil, to: nil),
        ]
        #expect(DurationHistory(revisions: revisions) == DurationHistory([.seconds(300)]))
    }

    private func revision(_ status: RevisionStatus, from start: String?, to end: String?) -> Revision {
        var revision = Revision(id: RevisionID(rawValue: "r"), status: status)
        revision.createdAt = start.map { Timestamp(text: $0) }
        revision.updatedAt = end.map { Timestamp(text: $0) }
        return revision
    }
}
