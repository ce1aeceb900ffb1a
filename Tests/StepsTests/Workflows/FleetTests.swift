import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// workflows/fleet.yml: one commit, many deployments, one decision for the wave. Judged by what serves in the end.
@Suite struct FleetTests {
    @Sendable private static func fleet() throws -> Workflow {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let bytes = try Data(contentsOf: root.appending(path: "workflows/fleet.yml"))
        guard let parsed = WorkflowParser.parse(Array(bytes), file: "fleet.yml").0 else {
            throw JournalError("invalid workflow")
        }
        return parsed.workflow
    }

    /// Two deployments that serve the old commit; `us` gets the first of the rollouts.
    private func wave(_ rollouts: [ModelRollout], _ arrange: (inout ModelWorld) -> Void = { _ in }) -> WorkflowHarness {
        var trial = WorkflowHarness { world in
            for region in ["us", "eu"] {
                world.addDeployment(named: "agent-\(region)", commits: [WorkflowHarness.oldCommit])
            }
            world.rollouts = rollouts
            arrange(&world)
        }
        trial.workflow = Self.fleet
        return trial
    }

    /// The commits that serve, long after the run.
    private func served(_ result: WorkflowHarnessResult, _ trial: WorkflowHarness) -> [String: String?] {
        trial.clock.advance(by: .seconds(7200))
        trial.plane.world { _ in }
        return Dictionary(
            uniqueKeysWithValues: ["us", "eu"].map { region in
                let deployment = trial.plane.world { $0.deployment(named: "agent-\(region)") }
                let active = deployment.flatMap { $0.active(at: trial.plane.now) }
                return (region, active.flatMap { deployment?.revision($0)?.commit })
            })
    }

    private static let late = ModelRollout([.init(.deploying, .seconds(3300))], ending: .deployed)

    @Test func `a wave that succeeds is live everywhere`() async throws {
        let trial = wave([.deployed, .deployed])
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(served(result, trial) == ["us": WorkflowHarness.ourCommit, "eu": WorkflowHarness.ourCommit])
    }

    @Test(arguments: [ModelRollout.buildFailed, .stuck, late, .unknownEnding])
    func `a row that fails or times out takes the whole wave back, also when it would go live later`(
        rollout: ModelRollout
    ) async throws {
        let trial = wave([.deployed, rollout])
        let result = try await trial.run()
        #expect(result.exitCode != 0, result.story)
        #expect(served(result, trial) == ["us": WorkflowHarness.oldCommit, "eu": WorkflowHarness.oldCommit])
    }

    @Test func `what is live where the time ended is told`() async throws {
        let trial = wave([.deployed, Self.late])
        let result = try await trial.run()
        let failure = try #require(result.failure)
        #expect(failure.message.contains("timed out"), result.story)
        #expect(result.exitCode == 1)
    }

    @Test func `a row that cannot be taken back is told as such`() async throws {
        let trial = wave([.deployed, Self.late])
        // From then on nothing gets through any more.
        trial.plane.faults { $0.add("POST*", .status(503), times: nil, from: .seconds(1000)) }
        let result = try await trial.run()
        #expect(result.exitCode == 3, result.story)
    }
}
