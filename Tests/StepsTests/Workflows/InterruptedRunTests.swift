import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// A run that is told to stop.
@Suite struct InterruptedRunTests {
    @Test func `row 34: before anything is changed nothing is changed`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptOn = "GET /v2/deployments"
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes.isEmpty)
        #expect(result.duration < .seconds(1))
    }

    @Test func `row 35: a change on its way is awaited, and its id is kept`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptOn = WorkflowHarnessResult.revise
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.deployment?.revisions.count == 2)
        #expect(result.output("revision-id", of: "deploy")?.text == result.deployment?.revisions.last?.id.rawValue)
        #expect(result.duration < .seconds(3))
    }

    @Test func `row 35: the same for a new deployment`() async throws {
        var trial = WorkflowHarness()
        trial.interruptOn = WorkflowHarnessResult.create
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.output("deployment-id", of: "deploy")?.text == result.deployment?.id.rawValue)
    }

    @Test func `row 35: a change that hangs is given up after two seconds, its intent kept`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptOn = WorkflowHarnessResult.revise
        trial.plane.faults { $0.add(WorkflowHarnessResult.revise, .timeout(processed: true)) }
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.duration < .seconds(4))
        let intents = result.events.compactMap { event in
            if let intent = event.payload as? EffectIntended { intent.effect } else { nil }
        }
        #expect(intents == ["create-revision"])
    }

    @Test func `row 36: while it builds the deploy is left running, and its ids are kept`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptAt = .seconds(30)
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(1...5 ~= result.duration.seconds - 29)
        #expect(result.output("revision-id", of: "deploy") != nil)
        #expect(result.outcome(of: "wait") == .cancellation)
        #expect(result.outcome(of: "rollback") == .skip)
        guard let end = result.events.last?.payload as? RunFinished else {
            Issue.record("the last event is not the end of the run")
            return
        }
        #expect(end.verdict == .interrupted)
    }

    /// The first request of a rollback after a build that failed, and the ones that follow it.
    static let rollbackRequests = [
        "GET /v2/deployments/{id}", WorkflowHarnessResult.redeploy,
    ]

    @Test(arguments: rollbackRequests)
    func `row 37: a rollback that has begun is asked for all the same, and its id is kept`(endpoint: String)
        async throws
    {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = endpoint
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy])
        #expect(result.outcome(of: "rollback") == .cancellation)
        #expect(result.rollback?.attempted == true)
        #expect(result.rollback?.revisionID == result.deployment?.revisions.last?.id.rawValue)
        #expect(result.rollback?.result == nil)
        #expect(result.duration < .seconds(75))
        #expect(result.notes.contains { $0.contains("goes on without this run") })
    }

    @Test func `row 37: told to stop in the moment the rollback begins, it is asked for all the same`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptAtStep = "rollback"
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise, WorkflowHarnessResult.redeploy])
        #expect(result.rollback?.revisionID == result.deployment?.revisions.last?.id.rawValue)
    }

    @Test func `row 34: any other step does not begin then`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.interruptAtStep = "deploy"
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes.isEmpty)
    }

    @Test func `row 37: a rollback by hand that has begun is asked for all the same`() async throws {
        var trial = WorkflowHarness {
            $0.addDeployment(commits: [WorkflowHarness.oldCommit, WorkflowHarness.ourCommit])
        }
        trial.workflow = BuiltinWorkflows.rollback
        trial.interruptOn = "GET /v2/deployments/{id}/revisions"
        trial.interruptAfter = 1
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.redeploy])
        #expect(result.rollback?.revisionID == result.deployment?.revisions.last?.id.rawValue)
    }

    @Test func `row 37: a rollback that cannot be asked for is given up after four seconds`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = "GET /v2/deployments/{id}"
        trial.plane.faults { $0.add("GET /v2/deployments/{id}", .refused, times: nil) }
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [WorkflowHarnessResult.revise])
        #expect(result.rollback == nil)
        let stopped = result.plane.arrivals.first { $0.request.endpoint == "GET /v2/deployments/{id}" }?.at ?? .zero
        #expect(3.9...5 ~= (result.duration - stopped).seconds)
    }

    @Test func `row 37: resumed, a rollback that was asked for is not asked for again`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = WorkflowHarnessResult.redeploy
        let stopped = try await trial.run()
        trial.interruptOn = nil
        let result = try await trial.run(resuming: stopped)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 1)
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }

    @Test func `row 37: resumed, a redeploy whose answer was lost is looked for`() async throws {
        var trial = WorkflowHarness.deployed { $0.rollouts = [.buildFailed] }
        trial.interruptOn = WorkflowHarnessResult.redeploy
        trial.plane.faults { $0.add(WorkflowHarnessResult.redeploy, .timeout(processed: true)) }
        let stopped = try await trial.run()
        #expect(stopped.exitCode == 130, stopped.story)
        trial.interruptOn = nil
        let result = try await trial.run(resuming: stopped)
        #expect(result.exitCode == 1, result.story)
        #expect(result.count(WorkflowHarnessResult.redeploy) == 1)
        #expect(result.rollback?.result == .success)
        #expect(result.active?.commit == WorkflowHarness.oldCommit)
    }
}
