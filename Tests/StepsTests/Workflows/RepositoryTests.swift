import ControlPlane
import ControlPlaneTypes
import Engine
import Git
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Deploys from a real repository: what is refused there, and what is read from it.
@Suite struct RepositoryTests {
    private func refused(
        _ trial: WorkflowHarness, _ code: String, exitCode: Int32 = 64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await trial.run()
        #expect(result.exitCode == exitCode, result.story, sourceLocation: sourceLocation)
        #expect(result.failure?.code == code, result.story, sourceLocation: sourceLocation)
        #expect(result.failure?.hint != nil, sourceLocation: sourceLocation)
        #expect(result.changes.isEmpty, sourceLocation: sourceLocation)
    }

    @Test func `the commit we stand on is deployed`() async throws {
        let repository = try await AgentRepository()
        let result = try await repository.trial().run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == repository.head)
        #expect(result.deployment?.repoURL == "https://github.com/octo/agent")
    }

    @Test func `row 45: changes in the work tree are refused`() async throws {
        let repository = try await AgentRepository()
        try repository.clone.write("new.py")
        try await refused(repository.trial(), "DirtyWorktree")
    }

    @Test func `row 45: changes in the work tree are let through when asked, and told`() async throws {
        let repository = try await AgentRepository()
        try repository.clone.write("new.py")
        var trial = repository.trial()
        trial.inputs["allow-dirty"] = true
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.output("dirty", of: "commit") == true)
        #expect(result.warnings.contains { $0.contains("new.py") })
    }

    @Test func `row 46: a commit that is not pushed is refused`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.commit()
        try await refused(repository.trial(), "UnpushedCommit")
    }

    @Test func `row 46: a branch that is not on the remote is refused`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("checkout", "--quiet", "-b", "topic")
        try await refused(repository.trial(), "UnpushedCommit")
    }

    @Test func `row 46: an unpushed commit is fine for an upload`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.commit()
        var trial = repository.trial()
        trial.inputs["source"] = "internal_source"
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `row 47: a commit that the remote branch has moved past is refused`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("reset", "--quiet", "--hard", "HEAD~1")
        try await refused(repository.trial(), "RemoteBranchMoved")
    }

    @Test func `row 43: a detached HEAD needs a ref`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("checkout", "--quiet", "--detach")
        let result = try await repository.trial().run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.hint?.contains("--ref") == true)
        #expect(result.requests.isEmpty || result.changes.isEmpty)
    }

    @Test func `row 43: a detached HEAD with a ref is deployed`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("checkout", "--quiet", "--detach")
        var trial = repository.trial()
        trial.inputs["ref"] = "main"
        #expect(try await trial.run().verdict == .success)
    }

    @Test func `row 49: a folder without a repository is refused`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.repository = "/nonexistent"
        let result = try await trial.run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.requests.isEmpty)
    }

    @Test func `row 50: a configuration that is not in the commit is refused`() async throws {
        let repository = try await AgentRepository()
        var trial = repository.trial()
        trial.inputs["config"] = "other/langgraph.json"
        try await refused(trial, "PathNotInCommit")
    }

    /// The live commit is newer than v1 and contains it.
    private func older(_ repository: AgentRepository) async throws -> WorkflowHarness {
        try await repository.clone.git("tag", "v1", "HEAD~1")
        var trial = repository.trial {
            $0.remote["refs/tags/v1"] = repository.commits[1].description
            $0.addDeployment(commits: [repository.head])
        }
        trial.inputs["ref"] = "refs/tags/v1"
        return trial
    }

    @Test func `row 20: a commit that is older than the live one does not overwrite it`() async throws {
        let repository = try await AgentRepository()
        try await refused(try await older(repository), "OutdatedCommit", exitCode: 4)
    }

    @Test func `row 20: unless that is forced`() async throws {
        let repository = try await AgentRepository()
        var trial = try await older(repository)
        trial.inputs["force"] = true
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.active?.commit == repository.commits[1].description)
    }

    @Test func `row 48: an ancestry that cannot be told does not stop a deploy`() async throws {
        let repository = try await AgentRepository()
        let result = try await repository.trial { $0.addDeployment(commits: [WorkflowHarness.otherCommit]) }.run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `an archive of the commit is uploaded, and no key goes with it`() async throws {
        let repository = try await AgentRepository()
        let result = try await repository.trial { $0.addDeployment(source: .internalSource, commits: []) }.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.requests.filter { $0 == "PUT upload" }.count == 1)
        #expect(result.active?.tarball != nil)
        let body = try result.body(of: WorkflowHarnessResult.revise)
        #expect(body?["revision_source"] == "internal_source")
        #expect(body?["source_revision_config"]?["langgraph_config_path"] == "langgraph.json")
    }

    @Test func `without an integration a new deployment takes an upload`() async throws {
        let repository = try await AgentRepository()
        let result = try await repository.trial { $0.integrations = [] }.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.deployment?.source == .internalSource)
        #expect(result.changes == [WorkflowHarnessResult.create, WorkflowHarnessResult.revise])
    }

    @Test func `row 9: an upload whose revision's answer is lost is adopted by its archive`() async throws {
        let repository = try await AgentRepository()
        let trial = repository.trial { $0.addDeployment(source: .internalSource, commits: []) }
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .lostAfter) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `an uploaded commit that is live already takes two requests`() async throws {
        let repository = try await AgentRepository()
        let ledger = UploadIndex(path: repository.clone.folder + "/uploads")
        var first = repository.trial { $0.addDeployment(source: .internalSource, commits: []) }
        first.uploads = ledger
        #expect(try await first.run().verdict == .success)
        let before = first.plane.arrivals.count
        let second = try await first.run()
        #expect(second.verdict == .success, second.story)
        #expect(second.requests.count - before == 2)
    }
}

/// `deploy` of an uploaded tree.
@Suite struct UploadTests {
    private static let put = "PUT upload"

    private func trial(_ repository: AgentRepository) -> WorkflowHarness {
        var trial = repository.trial()
        trial.inputs["source"] = "internal_source"
        return trial
    }

    @Test(arguments: [ModelFault.lostBefore, .lostAfter, .status(503)])
    func `an upload that breaks off is sent again, and one revision is made of it`(fault: ModelFault) async throws {
        let repository = try await AgentRepository()
        defer { withExtendedLifetime(repository) {} }
        let trial = trial(repository)
        trial.plane.faults { $0.add(Self.put, fault, times: 2) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.count(Self.put) == 3)
        #expect(result.deployment?.revisions.count == 1)
    }

    @Test func `an upload that the storage refuses makes no revision`() async throws {
        let repository = try await AgentRepository()
        defer { withExtendedLifetime(repository) {} }
        let trial = trial(repository)
        trial.plane.faults { $0.add(Self.put, .status(403), times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 1, result.story)
        #expect(result.deployment?.revisions.isEmpty == true)
    }

    @Test func `a commit that cannot be archived creates no deployment`() async throws {
        let repository = try await AgentRepository()
        try repository.clone.write(
            "model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
        try await repository.clone.commit("A pointer")
        let result = try await trial(repository).run()
        #expect(result.exitCode == 64, result.story)
        #expect(result.failure?.code == "UnarchivableContent")
        #expect(result.failure?.message.contains("model.bin") == true)
        #expect(result.changes.isEmpty)
    }
}
