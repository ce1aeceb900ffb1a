import Clocks
import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct DeploymentSnapshotTests {
    @Test func `past durations are those of the revisions that got there, newest first`() {
        let snapshot = DeploymentSnapshot(
            deployment: .sample(active: "b"),
            revisions: [
                .sample("c", .buildFailed, took: 5), .sample("b", took: 90), .sample("x"), .sample("a", took: 60.5),
            ])
        #expect(snapshot.pastDurations == [.seconds(90), .seconds(60.5)])
        #expect(snapshot.active?.id.rawValue == "b")
    }

    @Test(arguments: [("not a time", "2025-01-01T07:00:00Z"), ("2025-01-01T07:00:00Z", nil), (nil, nil)])
    func `a revision without both times has no duration`(start: String?, end: String?) {
        var revision = Revision.sample("a")
        revision.createdAt = start.map { Timestamp(text: $0) }
        revision.updatedAt = end.map { Timestamp(text: $0) }
        #expect(DeploymentSnapshot(deployment: .sample(), revisions: [revision]).pastDurations.isEmpty)
    }

    @Test func `an active revision that is not listed is not known`() {
        #expect(DeploymentSnapshot(deployment: .sample(active: "z"), revisions: [.sample("a")]).active == nil)
        #expect(DeploymentSnapshot(deployment: .sample(), revisions: [.sample("a")]).active == nil)
    }
}
