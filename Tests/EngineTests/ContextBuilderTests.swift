import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct ContextBuilderTests {
    private let registry = StepRegistry([ScriptedStep.type("make", outputs: ["id", "url"]) { _ in }])

    /// The contexts of the last of the jobs.
    private func contexts(
        _ jobs: Job..., context: RunContext = RunContext(), after events: [any EventPayload] = []
    ) throws -> [String: Value] {
        let plan = try RunPlan(Workflow(name: "w", jobs: jobs), context: context)
        let job = try #require(plan.jobs.last)
        return ContextBuilder(plan: plan, registry: registry, context: context)
            .contexts(of: job, in: events.reduce(into: RunState()) { $0.apply($1) })
    }

    private func ended(_ job: JobPath, _ outputs: [String: Value]? = nil) -> any EventPayload {
        JobFinished(job: job, result: .success, outputs: outputs)
    }

    @Test func `a declared output is null until the step says it`() throws {
        let job = Job(id: "job", steps: [.step("make")])
        let output = OutputRecorded(job: "job", step: "make", name: "id", value: "7")
        let expected = Value.object([
            "make": .object(["outputs": .object(["id": "7", "url": .null]), "outcome": .null, "conclusion": .null])
        ])
        #expect(try contexts(job, after: [output])["steps"] == expected)
    }

    @Test(arguments: [(true, "success"), (false, "failure")])
    func `a tolerated failure concludes as a success`(isTolerated: Bool, conclusion: Value) throws {
        let job = Job(id: "job", steps: [.step("make", continueOnError: isTolerated)])
        let end = StepFinished(job: "job", step: "make", attempt: 1, result: .timeout, durationMilliseconds: 0)
        guard case .object(let steps)? = try contexts(job, after: [end])["steps"],
            case .object(let made)? = steps["make"]
        else {
            Issue.record("no context of the step")
            return
        }
        #expect(made["outcome"] == "failure")
        #expect(made["conclusion"] == conclusion)
    }

    @Test func `inputs and the jobs that are needed are there, others are not`() throws {
        let start = RunStarted(workflow: "w", toolName: "t", toolVersion: "1", inputs: ["name": "x"])
        let values = try contexts(
            Job(id: "a", steps: []), Job(id: "other", steps: []), Job(id: "b", needs: ["a"], steps: []),
            after: [
                start, JobFinished(job: "a", result: .cancellation), ended("other"),
            ])
        #expect(values["inputs"] == .object(["name": "x"]))
        #expect(values["needs"] == .object(["a": .object(["result": "cancelled", "outputs": .object([:])])]))
    }

    @Test func `git and ci are what the run was told`() throws {
        let context = RunContext(git: .object(["sha": "abc"]), ci: .object(["name": "github"]))
        let values = try contexts(Job(id: "job", steps: []), context: context)
        #expect(values["git"] == .object(["sha": "abc"]))
        #expect(values["ci"] == .object(["name": "github"]))
        #expect(values["secrets"] == nil)
    }

    @Test func `an output of a needed job that was skipped is null`() throws {
        let values = try contexts(
            Job(id: "a", outputs: ["id": "x"], steps: []), Job(id: "b", needs: ["a"], steps: []),
            after: [JobFinished(job: "a", result: .skip)])
        #expect(
            values["needs"] == .object(["a": .object(["result": "skipped", "outputs": .object(["id": .null])])]))
    }

    @Test func `of the rows of a matrix the last one that has a value wins, and each can be asked for`() throws {
        let rows = Strategy(matrix: Matrix(axes: [.init("zone", .list(["a", "b", "c"]))]))
        let values = try contexts(
            Job(id: "test", strategy: rows, outputs: ["id": "x"], steps: []), Job(id: "b", needs: ["test"], steps: []),
            after: [
                ended("test (b)", ["id": "2"]), ended("test (a)", ["id": "1"]), ended("test (c)", ["id": .null]),
            ])
        func row(_ id: Value) -> Value { .object(["result": "success", "outputs": .object(["id": id])]) }
        #expect(
            values["needs"]
                == .object([
                    "test": .object([
                        "result": "success", "outputs": .object(["id": "2"]),
                        "rows": .object(["a": row("1"), "b": row("2"), "c": row(.null)]),
                    ])
                ]))
    }
}
