import ControlPlaneTypes
import Engine
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

    private func outcomes(_ records: [ChangeRecord], live: String? = nil) -> [RecordedChanges.Outcome] {
        RecordedChanges(records, live: live).changes.map(\.outcome)
    }

    @Test func `doubled and unordered records count once, in order`() {
        let (first, second) = (record("a", at: 1), record("b", at: 2, verdict: "failed", status: "BUILD_FAILED"))
        #expect(outcomes([second, first, second, first]) == [.deployed, .failed])
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
        let changes = RecordedChanges([
            record("a", at: 1, verdict: nil, status: "BUILDING"),
            record("b", at: 2, verdict: "failed", status: "DEPLOY_FAILED"),
        ])
        #expect(changes.finalStatus(of: "revision of a") == nil)
        #expect(changes.finalStatus(of: "revision of b") == .deployFailed)
    }

    @Test func `what was live after a run is known with its commit`() {
        var failed = record("a", at: 1, verdict: "failed", status: "BUILD_FAILED")
        failed.after = .init(revisionID: "r0", commitSHA: "c0ffee")
        let changes = RecordedChanges([failed])
        #expect(changes.revision("r0")?.commitSHA == "c0ffee")
        #expect(changes.finalStatus(of: "r0") == .deployed)
    }
}
