import ControlPlaneTypes
import Engine
import Foundation
import Testing

@testable import History

/// What records alone tell of a deployment.
@Suite struct RecordedChangesTests {
    private func record(
        _ run: String, _ kind: ChangeRecord.Kind = .deploy, at minute: Int, verdict: String? = "success",
        status: String? = "DEPLOYED"
    ) -> ChangeRecord {
        var record = ChangeRecord(runID: run, kind: kind, deployment: .init(id: "d", name: "agent"))
        record.startedAt = Timestamp(text: "2026-03-01T10:\(minute + 10):00Z")
        record.verdict = verdict
        record.revisions = [.init(id: "revision of \(run)", role: "ours", status: status)]
        return record
    }

    /// The evening of the day of the records.
    private static let now = Timestamp(text: "2026-03-01T20:00:00Z").date ?? .distantPast

    private func outcomes(_ records: [ChangeRecord], live: String? = nil) -> [RecordedChanges.Outcome] {
        RecordedChanges(records, live: live, now: Self.now).changes.map(\.outcome)
    }

    private func ahead(_ record: ChangeRecord) -> ChangeRecord {
        var record = record
        record.startedAt = Timestamp(text: "2099-01-01T00:00:00Z")
        record.finishedAt = Timestamp(text: "2099-01-01T00:01:00Z")
        record.revisions?[0].deployedAt = record.finishedAt
        return record
    }

    private func last(_ records: [ChangeRecord], live: String?, latest: String?) -> String? {
        RecordedChanges(records, live: live, latest: latest, now: Self.now).last?.record.runID
    }

    @Test func `doubled and unordered records count once, in order`() {
        let (first, second) = (record("a", at: 1), record("b", at: 2, verdict: "failed", status: "BUILD_FAILED"))
        #expect(outcomes([second, first, second, first]) == [.deployed, .failed])
    }

    @Test(arguments: ["BUILDING", "DEPLOYING", "QUEUED"])
    func `what a run gave up on while it was in progress has no known outcome`(status: String) {
        #expect(outcomes([record("a", at: 1, verdict: "timedOut", status: status)]) == [.unknown])
        #expect(outcomes([record("a", at: 1, verdict: "timedOut", status: "BUILD_FAILED")]) == [.failed])
        var rollback = record("b", .rollback, at: 2, verdict: "timedOut", status: status)
        rollback.revisions?[0].role = "rollback"
        rollback.rollback = .init(toRevisionID: "r0", revisionID: "revision of b", result: "timeout")
        #expect(outcomes([rollback]) == [.unknown])
        #expect(outcomes([rollback], live: "revision of b") == [.rolledBack])
    }

    @Test(arguments: ["BUILDING", "DEPLOYED"], [nil, "revision of b"])
    func `a rollback whose revision was built from another commit has failed, also when it goes live`(
        status: String, live: String?
    ) {
        var rollback = record("b", .rollback, at: 2, verdict: "commitMismatch", status: status)
        rollback.revisions?[0].role = "rollback"
        rollback.rollback = .init(toRevisionID: "r0", revisionID: "revision of b", result: "failure")
        #expect(outcomes([rollback], live: live) == [.failed])
        var listed = HistoryTimeline.ListedRevision(id: "revision of b", status: .deployed)
        listed.createdAt = rollback.startedAt?.date
        let revisions = live == nil ? [] : [listed]
        let timeline = HistoryTimeline(
            deployment: "d", revisions: revisions, live: live, records: [rollback], now: Self.now)
        #expect(timeline.entries.map(\.kind) == [status == "BUILDING" && live == nil ? .failed : .deployed])
    }

    @Test func `of a run on this machine only its own journal counts`() {
        let own = record("a", at: 1)
        var forged = record("a", at: 1, verdict: "failed", status: "BUILD_FAILED")
        forged.finishedAt = Timestamp(text: "2099-01-01T00:00:00Z")
        let other = record("b", at: 2)
        #expect(outcomes(ChangeRecords.joined(journals: [own], notes: [forged, other])) == [.deployed, .deployed])
    }

    @Test func `a failed deploy that was rolled back is rolled back, one whose rollback failed is failed`() {
        var restored = record("a", at: 1, verdict: "failed", status: "DEPLOYED")
        restored.rollback = .init(toRevisionID: "r0", revisionID: "r2", result: "success")
        var broken = restored
        broken.runID = "b"
        broken.rollback?.result = "failure"
        #expect(outcomes([restored]) == [.rolledBack])
        #expect(outcomes([broken]) == [.failed])
    }

    @Test func `a change that was only requested is unknown until it is live`() {
        let requested = record("a", at: 1, status: "CREATING")
        #expect(outcomes([requested]) == [.unknown])
        #expect(outcomes([requested], live: "revision of a") == [.deployed])
        var redeploy = record("b", .rollback, at: 2, status: nil)
        redeploy.revisions = nil
        redeploy.rollback = .init(toRevisionID: "r0", revisionID: "r2")
        #expect(outcomes([redeploy]) == [.unknown])
        #expect(outcomes([redeploy], live: "r2") == [.rolledBack])
    }

    @Test func `a run that did not finish is unknown, deletions and interruptions are what they are`() {
        #expect(outcomes([record("a", at: 1, verdict: nil, status: "BUILDING")]) == [.unknown])
        #expect(
            outcomes([record("b", .deletion, at: 1), record("c", .interruption, at: 2)]) == [.deleted, .interrupted])
    }

    @Test func `only a status that stays is one`() {
        let changes = RecordedChanges(
            [
                record("a", at: 1, verdict: nil, status: "BUILDING"),
                record("b", at: 2, verdict: "failed", status: "DEPLOY_FAILED"),
            ], now: Self.now)
        #expect(changes.finalStatus(of: "revision of a") == nil)
        #expect(changes.finalStatus(of: "revision of b") == .deployFailed)
    }

    @Test func `what was live after a run is known with its commit`() {
        var failed = record("a", at: 1, verdict: "failed", status: "BUILD_FAILED")
        failed.after = .init(revisionID: "r0", commitSHA: "c0ffee")
        let changes = RecordedChanges([failed], now: Self.now)
        #expect(changes.revision("r0")?.commitSHA == "c0ffee")
        #expect(changes.finalStatus(of: "r0") == .deployed)
    }

    @Test func `a run in progress, one that was cut off, and one of which nobody here knows are told apart`() {
        var cutOff = record("a", at: 1, verdict: nil, status: "BUILDING")
        var running = cutOff
        (cutOff.isBeingWritten, running.isBeingWritten) = (false, true)
        #expect(outcomes([cutOff]) == [.unfinished])
        #expect(outcomes([running]) == [.running])
        #expect(outcomes([record("a", at: 1, verdict: nil, status: "BUILDING")]) == [.unknown])
        // Whatever its process has done, the revision is live.
        #expect(outcomes([cutOff], live: "revision of a") == [.deployed])
        // No CI job takes days.
        var old = record("a", at: 1, verdict: nil, status: "BUILDING")
        old.startedAt = Timestamp(text: "2026-02-20T10:00:00Z")
        #expect(outcomes([old]) == [.unfinished])
    }

    @Test func `the last change is that of the live or the newest revision, or none`() {
        let (first, second) = (record("a", at: 1), record("b", at: 2))
        #expect(last([first, second], live: "revision of b", latest: "revision of b") == "b")
        // Somebody deployed on the web page.
        #expect(last([first, second], live: "web", latest: "web") == nil)
        // The newest one failed, and nobody here knows of it.
        #expect(last([first, second], live: "revision of b", latest: "web") == "b")
        let failed = record("c", at: 3, verdict: "failed", status: "BUILD_FAILED")
        #expect(last([first, second, failed], live: "revision of b", latest: "revision of c") == "c")
        #expect(last([first, failed], live: "web", latest: "revision of c") == "c")
    }

    @Test func `a revision that went live a second time is known by the rollback`() {
        var back = record("c", .rollback, at: 3)
        back.revisions = [.init(id: "revision of a", role: "rollback", status: "DEPLOYED")]
        back.rollback = .init(toRevisionID: "revision of a", revisionID: "revision of a", result: "success")
        let changes = RecordedChanges(
            [record("a", at: 1), record("b", at: 2), back], live: "revision of a", latest: "revision of b",
            now: Self.now)
        #expect(changes.last?.record.runID == "c")
        #expect(changes.ofLive?.record.runID == "c")
    }

    @Test func `a clock that is ahead neither leads for ever nor dates anything`() {
        let (first, second) = (record("a", at: 1), record("b", at: 2))
        var wrong = ahead(record("x", at: 0))
        wrong.before = .init(revisionID: "revision of a")
        let changes = RecordedChanges(
            [wrong, first, second], live: "revision of b", latest: "revision of b", now: Self.now)
        #expect(changes.changes.map(\.record.runID) == ["a", "x", "b"])
        #expect(changes.changes[1].date == nil)
        #expect(changes.last?.record.runID == "b")
        #expect(changes.revision("revision of x")?.deployedAt == nil)
    }

    @Test func `of a clock that is ahead, the newest revision is the last change all the same`() {
        let changes = RecordedChanges(
            [ahead(record("x", at: 0)), record("a", at: 1)], live: "revision of x", latest: "revision of x",
            now: Self.now)
        #expect(changes.changes.map(\.record.runID) == ["a", "x"])
        #expect(changes.last?.record.runID == "x")
    }
}
