import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct DeleteDeploymentStepTests {
    private static let endpoint = "DELETE /v2/deployments/{id}"

    private func run(
        _ with: [String: Value] = [:], in trial: WorkflowHarness = .deployed()
    ) async throws -> WorkflowHarnessResult {
        var trial = trial
        let inputs: [String: Value] = ["deployment": "agent"].merging(with) { $1 }
        let step = StepDefinition(
            id: "delete", name: "Delete", uses: "delete-deployment", with: inputs.mapValues { .literal($0) })
        trial.workflow = { Workflow(name: "delete", jobs: [Job(id: "job", steps: [step])]) }
        return try await trial.run()
    }

    @Test func `it is deleted by its name`() async throws {
        let result = try await run()
        #expect(result.verdict == .success, result.story)
        #expect(result.output("deleted", of: "delete") == true)
        #expect(
            result.output("deployment-id", of: "delete") == Value(result.plane.world(\.deployments).first?.id.rawValue))
        #expect(result.changes == [Self.endpoint])
        #expect(result.plane.world(\.deployments).first?.status.isBeingDeleted == true)
    }

    @Test func `it is deleted by its id`() async throws {
        let trial = WorkflowHarness.deployed()
        let id = try #require(trial.plane.world(\.deployments).first?.id.rawValue)
        let result = try await run(["deployment": .string(id)], in: trial)
        #expect(result.changes == [Self.endpoint], result.story)
    }

    @Test func `one that is not there is an error`() async throws {
        let result = try await run(in: WorkflowHarness())
        #expect(result.verdict == .failed, result.story)
        #expect(result.failure?.hint?.contains("missing-ok") == true)
        #expect(result.changes.isEmpty)
    }

    @Test(arguments: ["agent", "00000000-0000-4000-8000-00000000dead"])
    func `one that is not there may be fine`(deployment: String) async throws {
        let result = try await run(["missing-ok": true, "deployment": .string(deployment)], in: WorkflowHarness())
        #expect(result.verdict == .success, result.story)
        #expect(result.output("deleted", of: "delete") == false)
        #expect(result.changes.isEmpty)
    }

    @Test func `a lost answer is looked after`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(Self.endpoint, .lostAfter) }
        let result = try await run(in: trial)
        #expect(result.verdict == .success, result.story)
        #expect(result.output("deleted", of: "delete") == true)
        #expect(result.changes.count == 1)
        #expect(result.warnings.count == 1)
    }

    @Test func `a request that never arrived is made again`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(Self.endpoint, .lostBefore) }
        let result = try await run(in: trial)
        #expect(result.verdict == .success, result.story)
        #expect(result.plane.world(\.deployments).first?.status.isBeingDeleted == true)
    }

    @Test func `a key without the right is told`() async throws {
        let trial = WorkflowHarness.deployed()
        trial.plane.faults { $0.add(Self.endpoint, .refusal(403)) }
        #expect(try await run(in: trial).verdict == .notAuthorised)
    }
}
