import ControlPlane
import Engine
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

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
