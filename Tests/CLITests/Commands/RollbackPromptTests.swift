import ControlPlaneTypes
import Foundation
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
}
