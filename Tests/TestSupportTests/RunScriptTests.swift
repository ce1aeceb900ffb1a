import Clocks
import Engine
import Testing
import WorkflowModel

@testable import TestSupport

struct RunScriptTests {
    @Test func `events are numbered from one and dated by the pauses between them`() throws {
        var script = RunScript()
        script.startRun()
        script.start("a")
        script.finish("a", after: .seconds(90))
        script.finishRun(.success)

        #expect(script.events.map(\.sequence) == [1, 2, 3, 4])
        #expect(EventTimestamp.text(from: try #require(script.events.first).date) == "2026-03-01T12:00:00.000Z")
        #expect(EventTimestamp.text(from: try #require(script.events.last).date) == "2026-03-01T12:01:30.000Z")
        #expect(
            script.events.last?.payload as? RunFinished == RunFinished(verdict: .success, durationMilliseconds: 90_000))
    }

    @Test func `every scenario begins with its run`() {
        for script in [RunScript.deployed, .failedAndRolledBack, .cutOff] {
            guard script.events.first?.payload is RunStarted else {
                Issue.record("begins with \(String(describing: script.events.first?.payload))")
                continue
            }
        }
    }
}

@Suite struct ScriptedStepTests {
    @Test func `a scripted type declares the inputs and outputs it was given`() throws {
        let type = ScriptedStep.type("say", inputs: ["text"], outputs: ["said"]) { _ in }
        #expect(type.signature.uses == "say")
        #expect(type.signature.inputs.map(\.name) == ["text"])
        #expect(type.signature.outputs.map(\.name) == ["said"])
        _ = try #require(try type.makeStep(StepInputs([:])) as? ScriptedStep)
    }
}

@Suite struct CrashingJournalTests {
    private func event(_ sequence: Int) -> RunEvent {
        RunEvent(
            sequence: sequence, date: VirtualClock().date, runID: RunID(rawValue: "run"),
            payload: JobStarted(job: "job"))
    }

    @Test func `keeps what came before the crash and nothing after it`() throws {
        let journal = CrashingJournal(crashingAt: 2)
        try journal.append(event(1), durably: false)
        #expect(throws: CrashingJournal.Crash(append: 2)) { try journal.append(event(2), durably: false) }
        #expect(throws: CrashingJournal.Crash(append: 3)) { try journal.append(event(3), durably: true) }
        #expect(journal.events == [event(1)])
    }

    @Test func `what was appended after the last durable append does not survive`() throws {
        let journal = CrashingJournal(crashingAt: 9)
        try journal.append(event(1), durably: false)
        try journal.append(event(2), durably: true)
        try journal.append(event(3), durably: false)
        #expect(journal.durableEvents == [event(1), event(2)])
        #expect(journal.events.count == 3)
    }
}
