import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct ContextBuilderTests {
    private let builder = ContextBuilder(
        registry: StepRegistry([ScriptedStep.type("make", outputs: ["id", "url"]) { _ in }]))

    private func contexts(_ job: Job, _ events: RunEvent.Payload...) -> [String: Value] {
        builder.contexts(of: job, in: events.reduce(into: RunState()) { $0.apply($1) })
    }

    @Test func `a declared output is null until the step says it`() {
        let job = Job(id: "job", steps: [.step("make")])
        let output = RunEvent.Payload.outputRecorded(OutputRecorded(job: "job", step: "make", name: "id", value: "7"))
        let expected = Value.object([
            "make": .object(["outputs": .object(["id": "7", "url": .null]), "outcome": .null, "conclusion": .null])
        ])
        #expect(contexts(job, output)["steps"] == expected)
    }

    @Test(arguments: [(true, "success"), (false, "failure")])
    func `a tolerated failure concludes as a success`(isTolerated: Bool, conclusion: Value) {
        let job = Job(id: "job", steps: [.step("make", continueOnError: isTolerated)])
        let end = RunEvent.Payload.stepFinished(
            StepFinished(job: "job", step: "make", attempt: 1, result: .timeout, durationMilliseconds: 0))
        guard case .object(let steps)? = contexts(job, end)["steps"], case .object(let made)? = steps["make"] else {
            Issue.record("no context of the step")
            return
        }
        #expect(made["outcome"] == "failure")
        #expect(made["conclusion"] == conclusion)
    }

    @Test func `inputs and the jobs that are needed are there, others are not`() {
        let start = RunStarted(workflow: "w", toolName: "t", toolVersion: "1", inputs: ["name": "x"])
        let values = contexts(
            Job(id: "b", needs: ["a"], steps: []), .runStarted(start),
            .jobFinished(JobFinished(job: "a", result: .cancellation)),
            .jobFinished(JobFinished(job: "other", result: .success)))
        #expect(values["inputs"] == .object(["name": "x"]))
        #expect(values["needs"] == .object(["a": .object(["result": "cancelled"])]))
    }
}
