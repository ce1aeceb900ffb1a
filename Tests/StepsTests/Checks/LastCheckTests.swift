import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Success is checked last.
@Suite struct LastCheckTests {
    private static let deployment = "GET /v2/deployments/{id}"

    /// A smoke test whose first two tries fail, so that it takes a second and a half.
    private func deploy(_ arrange: (inout ModelWorld) -> Void = { _ in }) -> WorkflowHarness {
        var trial = WorkflowHarness.deployed(arrange)
        trial.inputs["smoke"] = "/ok"
        trial.inputs["poll-interval"] = "1s"
        trial.plane.faults { $0.add("GET", .status(500), times: 2) }
        return trial
    }

    @Test func `a revision that is replaced during its smoke test is superseded, and what is live is named`()
        async throws
    {
        let trial = deploy()
        trial.plane.world { world in
            world.at(.milliseconds(91_500)) { world, now in
                guard let id = world.deployments.first?.id else { return }
                world.push("dev", to: id, at: now, rollout: ModelRollout([], ending: .deployed)) {
                    $0.commit = WorkflowHarness.otherCommit
                }
            }
        }
        let result = try await trial.run()
        #expect(result.exitCode == 4, result.story)
        #expect(result.output("result", of: "smoke")?.text == "superseded")
        let live = try #require(result.active)
        #expect(live.commit == WorkflowHarness.otherCommit)
        #expect(result.failure?.message.contains(live.id.rawValue) == true)
        #expect(result.seenDeployment?.activeRevisionID == live.id.rawValue)
        #expect(result.rollback == nil)
        #expect(result.changes == [WorkflowHarnessResult.revise])
    }

    @Test func `one more read is enough when nothing happened, and none without a smoke test`() async throws {
        var trial = deploy()
        let checked = try await trial.run()
        #expect(checked.verdict == .success, checked.story)
        trial = WorkflowHarness.deployed()
        trial.inputs["poll-interval"] = "1s"
        let unchecked = try await trial.run()
        #expect(checked.count(Self.deployment) == unchecked.count(Self.deployment) + 1)
    }

    @Test func `a read that lags at the end is not the last word`() async throws {
        let trial = deploy()
        trial.plane.faults { $0.add(Self.deployment, .status(503), times: 4, from: .milliseconds(91_500)) }
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
    }
}
