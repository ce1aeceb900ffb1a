import ControlPlaneTypes
import Engine
import Foundation
import Testing

@testable import History

/// The join of revisions and records, pure.
@Suite struct HistoryTimelineTests {
    private typealias Listed = HistoryTimeline.ListedRevision

    private static let start = Date(timeIntervalSince1970: 1_772_366_400)

    private func time(_ minute: Int) -> Date { Self.start.addingTimeInterval(Double(minute) * 60) }

    private func stamp(_ minute: Int) -> Timestamp { Timestamp(text: EventTimestamp.text(from: time(minute))) }

    /// Created at the minute, and deployed two minutes later.
    private func revision(_ id: String, at minute: Int, _ status: RevisionStatus = .deployed, commit: String? = nil)
        -> Listed
    {
        var listed = Listed(id: id, status: status)
        (listed.createdAt, listed.updatedAt, listed.commitSHA) = (time(minute), time(minute + 2), commit ?? "c-" + id)
        return listed
    }

    private func record(
        _ run: String, at minute: Int, kind: ChangeRecord.Kind = .deploy, _ revisions: [ChangeRecord.Revision],
        before: String? = nil, rollback: ChangeRecord.Rollback? = nil, verdict: String = "success"
    ) -> ChangeRecord {
        var record = ChangeRecord(runID: run, kind: kind, deployment: .init(id: "d", name: "agent"))
        (record.startedAt, record.finishedAt) = (stamp(minute), stamp(minute + 3))
        (record.revisions, record.rollback, record.verdict) = (revisions, rollback, verdict)
        record.before = before.map { .init(revisionID: $0) }
        return record
    }

    private func ours(_ id: String, at minute: Int, _ status: String = "DEPLOYED") -> ChangeRecord.Revision {
        .init(
            id: id, role: "ours", status: status, commitSHA: "c-" + id,
            deployedAt: status == "DEPLOYED" ? stamp(minute + 2) : nil)
    }

    private func restored(_ id: String, at minute: Int) -> ChangeRecord.Revision {
        .init(id: id, role: "rollback", status: "DEPLOYED", commitSHA: "c-" + id, deployedAt: stamp(minute + 2))
    }

    /// A good deploy, one that failed and was rolled back, a later one, and a rollback by hand.
    private var revisions: [Listed] {
        [
            revision("r5", at: 40, commit: "c-r3"), revision("r4", at: 30), revision("r3", at: 12, commit: "c-r1"),
            revision("r2", at: 10, .buildFailed), revision("r1", at: 0),
        ]
    }

    private var records: [ChangeRecord] {
        [
            record("run1", at: 0, [ours("r1", at: 0)]),
            record(
                "run2", at: 10, [ours("r2", at: 10, "BUILD_FAILED"), restored("r3", at: 12)], before: "r1",
                rollback: .init(toRevisionID: "r1", revisionID: "r3", result: "success"), verdict: "failed"),
            record("run3", at: 30, [ours("r4", at: 30)], before: "r3"),
            record(
                "run4", at: 40, kind: .rollback, [restored("r5", at: 40)], before: "r4",
                rollback: .init(toRevisionID: "r3", revisionID: "r5", result: "success")),
        ]
    }

    private func timeline(_ revisions: [Listed], _ records: [ChangeRecord], live: String? = "r5") -> [HistoryEntry] {
        HistoryTimeline(deployment: "d", revisions: revisions, live: live, records: records, now: time(100_000)).entries
    }

    @Test func `what was live when, and what each change was`() {
        let entries = timeline(revisions, records)
        #expect(entries.map(\.revisionID) == ["r5", "r4", "r3", "r2", "r1"])
        #expect(
            entries.map(\.kind) == [
                .rolledBack(from: "r4", to: "r3"), .deployed, .rolledBack(from: "r2", to: "r1"), .failed, .deployed,
            ])
        #expect(entries.map { $0.record?.runID } == ["run4", "run3", "run2", "run2", "run1"])
        #expect(entries.map(\.isLive) == [true, false, false, false, false])
        #expect(
            entries.map(\.live) == [
                .init(from: time(42)), .init(from: time(32), to: time(42)), .init(from: time(14), to: time(32)), nil,
                .init(from: time(2), to: time(14)),
            ])
    }

    @Test func `doubled records in any order say the same`() {
        let expected = timeline(revisions, records)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let mixed = (records + records + records.prefix(2)).shuffled(using: &generator)
            #expect(timeline(revisions, mixed) == expected)
        }
    }

    @Test func `without records it is what only the control plane knows`() {
        var listed = revisions
        listed[0].rollback = ("r4", "r3")
        let entries = timeline(listed, [])
        #expect(entries.map(\.revisionID) == ["r5", "r4", "r3", "r2", "r1"])
        #expect(entries.allSatisfy { $0.record == nil })
        #expect(entries.first?.kind == .rolledBack(from: "r4", to: "r3"))
        #expect(entries[3].kind == .failed)
        #expect(entries.first?.isLive == true)
        #expect(entries.last?.live == .init(from: time(2), to: time(14)))
    }

    @Test func `a missing record leaves the others true`() {
        for missing in records.indices {
            var some = records
            some.remove(at: missing)
            let entries = timeline(revisions, some)
            #expect(entries.map(\.revisionID) == ["r5", "r4", "r3", "r2", "r1"])
            #expect(entries.map(\.live) == timeline(revisions, records).map(\.live))
            for entry in entries where entry.record != nil { #expect(entry.record?.runID != records[missing].runID) }
        }
    }

    @Test func `records of another deployment are none of ours`() {
        let other = records.map { record in
            var record = record
            record.deployment.id = "other"
            return record
        }
        #expect(timeline(revisions, other) == timeline(revisions, []))
    }

    @Test func `the last word of a resumed run counts`() {
        var first = record("run1", at: 0, [ours("r1", at: 0, "BUILDING")])
        (first.finishedAt, first.verdict) = (nil, nil)
        let last = record("run1", at: 0, [ours("r1", at: 0)])
        for order in [[first, last], [last, first]] {
            let entries = timeline([revision("r1", at: 0)], order, live: "r1")
            #expect(entries.map { $0.record?.verdict } == ["success"])
        }
    }

    @Test func `a machine with a wrong clock does not change the order of revisions`() {
        let skewed = records.map { record in
            var record = record
            record.startedAt = Timestamp(text: "2001-01-01T00:00:00.000Z")
            record.finishedAt = Timestamp(text: "2001-01-01T00:00:01.000Z")
            return record
        }
        #expect(timeline(revisions, skewed).map(\.revisionID) == ["r5", "r4", "r3", "r2", "r1"])
    }

    @Test func `a clock that is ahead changes neither the order nor the times`() {
        let ahead = records.map { record in
            var record = record
            record.startedAt = Timestamp(text: "2099-01-01T00:00:00.000Z")
            record.finishedAt = Timestamp(text: "2099-01-01T00:01:00.000Z")
            record.revisions = record.revisions?.map { revision in
                var revision = revision
                if revision.deployedAt != nil { revision.deployedAt = record.finishedAt }
                return revision
            }
            return record
        }
        let entries = timeline(revisions, ahead)
        #expect(entries.map(\.revisionID) == ["r5", "r4", "r3", "r2", "r1"])
        #expect(entries.map(\.live) == timeline(revisions, records).map(\.live))
    }

    @Test func `what no revision tells comes after what it knew, where its clock is ahead`() {
        var lost = record("lost", at: 0, [], before: "r3", verdict: "unreachable")
        (lost.startedAt, lost.finishedAt) = (Timestamp(text: "2099-01-01T00:00:00Z"), nil)
        var interruption = record("stop", at: 0, kind: .interruption, [.init(id: "r2", role: "interrupted")])
        (interruption.startedAt, interruption.finishedAt) = (lost.startedAt, nil)
        let entries = timeline(revisions, records + [lost, interruption])
        #expect(entries.map { $0.record?.runID } == ["run4", "run3", "lost", "run2", "stop", "run2", "run1"])
        #expect(entries[2].createdAt == nil && entries[4].createdAt == nil)
    }

    @Test func `a deployment that is gone was deleted last, whatever the clock said`() {
        var deletion = record("gone", at: 0, kind: .deletion, [])
        (deletion.startedAt, deletion.finishedAt) = (Timestamp(text: "2099-01-01T00:00:00Z"), nil)
        let entries = timeline([], [deletion, record("run1", at: 0, [ours("r1", at: 0)])], live: nil)
        #expect(entries.map(\.kind) == [.deleted, .deployed])
    }

    @Test func `where this machine's clock is behind, what others recorded keeps its times`() {
        let entries = HistoryTimeline(
            deployment: "d", revisions: revisions, live: "r5", records: records, now: time(-600)
        ).entries
        #expect(entries == timeline(revisions, records))
    }

    @Test func `a redeploy in place makes the same revision live a second time`() {
        let again = record(
            "run3", at: 30, kind: .rollback,
            [.init(id: "r1", role: "rollback", status: "DEPLOYED", commitSHA: "c-r1", deployedAt: stamp(32))],
            before: "r2", rollback: .init(toRevisionID: "r1", revisionID: "r1", result: "success"))
        let made = [record("run1", at: 0, [ours("r1", at: 0)]), record("run2", at: 10, [ours("r2", at: 10)])]
        let entries = timeline([revision("r2", at: 10), revision("r1", at: 0)], made + [again], live: "r1")
        #expect(entries.map(\.revisionID) == ["r1", "r2", "r1"])
        #expect(entries.map(\.kind) == [.rolledBack(from: "r2", to: "r1"), .deployed, .deployed])
        #expect(entries.map(\.isLive) == [true, false, false])
        #expect(entries.map { $0.live?.to } == [nil, time(32), time(12)])
    }

    @Test func `what it was live before, which no record tells, is dated no later than its successor`() {
        let again = record(
            "run3", at: 30, kind: .rollback,
            [.init(id: "r1", role: "rollback", status: "DEPLOYED", commitSHA: "c-r1", deployedAt: stamp(32))],
            before: "r2", rollback: .init(toRevisionID: "r1", revisionID: "r1", result: "success"))
        var redeployed = revision("r1", at: 0)
        redeployed.updatedAt = time(32)
        let entries = timeline([revision("r2", at: 10), redeployed], [again], live: "r1")
        #expect(entries.map(\.revisionID) == ["r1", "r2", "r1"])
        #expect(entries.map { $0.live?.from } == [time(32), time(12), time(0)])
        #expect(entries.map { $0.live?.to } == [nil, time(32), time(12)])
    }

    @Test func `somebody made an older revision live again on the web page`() {
        let entries = timeline([revision("r2", at: 10), revision("r1", at: 0)], [], live: "r1")
        #expect(entries.map(\.isLive) == [false, true])
    }

    @Test func `a revision that the control plane removed is told by its record`() {
        let entries = timeline([revision("r5", at: 40)], records)
        #expect(entries.map(\.revisionID) == ["r5", "r4", "r3", "r2", "r1"])
        #expect(entries.map(\.isListed) == [true, false, false, false, false])
    }

    @Test func `records behind the part of the list that was read are left out`() {
        let entries = HistoryTimeline(
            deployment: "d", revisions: Array(revisions.prefix(2)), isComplete: false, live: "r5", records: records,
            now: time(100_000)
        ).entries
        #expect(entries.map(\.revisionID) == ["r5", "r4"])
    }

    @Test func `a deletion and a change of unknown outcome have no revision`() {
        let deletion = record("run2", at: 10, kind: .deletion, [])
        let lost = record("run3", at: 20, [], verdict: "unreachable")
        let entries = timeline([revision("r1", at: 0)], [deletion, lost], live: nil)
        #expect(entries.map(\.kind) == [.unknown, .deleted, .deployed])
        #expect(entries.last?.live?.to == time(13))
    }

    @Test func `a redeploy by command is the maker of its revision, though it did not wait`() {
        let redeploy = record(
            "run2", at: 10, kind: .rollback, [], rollback: .init(toRevisionID: "r1", revisionID: "r2"))
        let made = record("run1", at: 0, [ours("r1", at: 0)])
        let entries = timeline(
            [revision("r2", at: 10, commit: "c-r1"), revision("r1", at: 0)], [made, redeploy], live: "r2")
        #expect(entries.map { $0.record?.runID } == ["run2", "run1"])
        #expect(entries.map(\.kind) == [.rolledBack(from: nil, to: "r1"), .deployed])
        let failed = timeline(
            [revision("r2", at: 10, .deployFailed), revision("r1", at: 0)], [made, redeploy], live: "r1")
        #expect(failed.map(\.kind) == [.failed, .deployed])
    }

    @Test func `an interruption is a change of its own, and not the maker of the revision`() {
        let interruption = record("run2", at: 5, kind: .interruption, [.init(id: "r1", role: "interrupted")])
        let made = record("run1", at: 0, [ours("r1", at: 0, "BUILDING")])
        let entries = timeline([revision("r1", at: 0, .interrupted)], [interruption, made], live: nil)
        #expect(entries.map(\.kind) == [.interrupted, .failed])
        #expect(entries.map(\.revisionID) == ["r1", "r1"])
        #expect(entries.map { $0.record?.runID } == ["run2", "run1"])
    }

    @Test func `10,000 records and revisions are joined quickly`() {
        let count = 10_000
        let listed = (0..<count).reversed().map { revision("r\($0)", at: $0 * 5) }
        let records = (0..<count).map { record("run\($0)", at: $0 * 5, [ours("r\($0)", at: $0 * 5)]) }
        let clock = ContinuousClock()
        var entries: [HistoryEntry] = []
        let took = clock.measure { entries = timeline(listed, records.shuffled(), live: "r\(count - 1)") }
        #expect(entries.count == count && entries.allSatisfy { $0.record != nil })
        // Quadratic work would take minutes, also on a machine under load.
        #expect(took < .seconds(30))
    }
}
