import ControlPlaneTypes
import Engine
import Foundation
import History
import Steps
import TestSupport
import Testing

@testable import CLI

/// The list of revisions that a rollback shows.
@Suite struct RollbackPromptTests {
    private func revision(_ id: String, _ status: RevisionStatus = .deployed, commit: Character) -> Revision {
        var revision = Revision(id: RevisionID(id), status: status)
        revision.sourceRevisionConfig = SourceRevisionConfig()
        revision.sourceRevisionConfig?.repoCommitSHA = String(repeating: commit, count: 40)
        return revision
    }

    private func prompt(_ revisions: [Revision], live: String) -> RollbackPrompt {
        var deployment = Deployment(id: DeploymentID("d"), name: "agent", source: .github, status: .ready)
        deployment.activeRevisionID = RevisionID(live)
        let snapshot = DeploymentSnapshot(deployment: deployment, revisions: revisions)
        return RollbackPrompt(candidates: RollbackCandidates(snapshot: snapshot), now: Date())
    }

    @Test func `what failed and what was rolled back is marked, and never proposed`() throws {
        let prompt = prompt(
            [
                revision("r6", .buildFailed, commit: "f"), revision("r5", commit: "b"),
                revision("r4", commit: "c"), revision("r3", commit: "b"),
                revision("r2", .deployFailed, commit: "e"), revision("r1", commit: "a"),
            ], live: "r5")
        let target = try prompt.candidates.target(nil)
        #expect(target.id.rawValue == "r1")
        let listed = prompt.listed(with: target)
        #expect(listed.map(\.id.rawValue) == ["r6", "r4", "r3", "r2", "r1"])
        #expect(
            listed.map(prompt.mark) == [
                "never live", "rolled back before", "same as the live one", "never live", nil,
            ])
    }

    @Test func `the target is shown behind many that failed`() throws {
        let failed = (0..<15).map { revision("f\($0)", .buildFailed, commit: "f") }
        let prompt = prompt([revision("live", commit: "b")] + failed + [revision("old", commit: "a")], live: "live")
        let listed = prompt.listed(with: try prompt.candidates.target(nil))
        #expect(listed.count == RollbackPrompt.shown)
        #expect(listed.last?.id.rawValue == "old")
    }

    @Test func `the question says who made the live one live, and why another one was rolled back`() async throws {
        var prompt = prompt(
            [
                revision("r4", commit: "b"), revision("r3", commit: "c"), revision("r2", commit: "b"),
                revision("r1", commit: "a"),
            ], live: "r4")
        var record = ChangeRecord(runID: "run-1", kind: .rollback, deployment: .init(id: "d", name: "agent"))
        record.finishedAt = Timestamp(Date().addingTimeInterval(-60))
        (record.verdict, record.reason) = ("success", "answers in French\u{1B}[31m")
        record.actor = .init(user: "kim", host: "laptop")
        record.before = .init(revisionID: "r3")
        record.revisions = [.init(id: "r4", role: "rollback", status: "DEPLOYED")]
        record.rollback = .init(toRevisionID: "r2", revisionID: "r4", result: "success")
        prompt.changes = RecordedChanges([record], live: "r4", latest: "r4", now: Date())
        let text = await prompt.overview(try prompt.candidates.target(nil))
        #expect(text.contains("  back by      kim on laptop, 1m"))
        #expect(text.contains("  reason       answers in French"))
        #expect(text.contains("(rolled back before: answers in French"))
        #expect(!text.contains("\u{1B}"))
    }
}
