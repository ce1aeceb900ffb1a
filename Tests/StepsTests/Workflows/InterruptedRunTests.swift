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
        var trial = WorkflowTrial.deployed()
        trial.interruptOn = "GET /v2/deployments"
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes.isEmpty)
        #expect(result.duration < .seconds(1))
    }

    @Test func `row 35: a change on its way is awaited, and its id is kept`() async throws {
        var trial = WorkflowTrial.deployed()
        trial.interruptOn = TrialResult.revise
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.deployment?.revisions.count == 2)
        #expect(result.output("revision-id", of: "deploy")?.text == result.deployment?.revisions.last?.id.rawValue)
        #expect(result.duration < .seconds(3))
    }

    @Test func `row 35: the same for a new deployment`() async throws {
        var trial = WorkflowTrial()
        trial.interruptOn = TrialResult.create
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.output("deployment-id", of: "deploy")?.text == result.deployment?.id.rawValue)
    }

    @Test func `row 35: a change that hangs is given up after two seconds, its intent kept`() async throws {
        var trial = WorkflowTrial.deployed()
        trial.interruptOn = TrialResult.revise
        trial.plane.faults { $0.add(TrialResult.revise, .timeout(processed: true)) }
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.duration < .seconds(4))
        let intents = result.events.compactMap { event in
            if case .effectIntended(let intent) = event.payload { intent.effect } else { nil }
        }
        #expect(intents == ["create-revision"])
    }

    @Test func `row 36: while it builds the deploy is left running, and its ids are kept`() async throws {
        var trial = WorkflowTrial.deployed()
        trial.interruptAt = .seconds(30)
        let result = try await trial.run()
        #expect(result.exitCode == 130, result.story)
        #expect(result.changes == [TrialResult.revise])
        #expect(1...5 ~= result.duration.seconds - 29)
        #expect(result.output("revision-id", of: "deploy") != nil)
        #expect(result.outcome(of: "wait") == .cancellation)
        #expect(result.outcome(of: "rollback") == .skip)
        guard case .runFinished(let end)? = result.events.last?.payload else {
            Issue.record("the last event is not the end of the run")
            return
        }
        #expect(end.verdict == .interrupted)
    }
}
