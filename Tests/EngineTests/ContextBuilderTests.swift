import Synchronization
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

@Suite struct VariablesTests {
    private func look(_ check: @escaping @Sendable (StepContext) -> Void) -> StepType {
        ScriptedStep.type("look") { check($0) }
    }

    @Test func `the variables of a step win over the job's, and those over the workflow's`() async {
        let run = TestRun(
            jobs: [
                Job(
                    id: "job", env: ["B": "job", "C": "job"],
                    steps: [.step("look", env: ["C": "step", "D": .reference(["env", "B"])])])
            ],
            types: [
                look { #expect($0.environment == ["A": "workflow", "B": "job", "C": "step", "D": "job"]) }
            ], env: ["A": "workflow", "B": "workflow"])
        #expect(await run.run() == .success)
    }

    @Test func `a condition sees the variables of its step`() async {
        let condition = Expression.equal(.reference(["env", "GO"]), "no")
        let run = TestRun(
            steps: [
                .step("pass", if: condition, env: ["GO": "yes"]),
                .step("pass", id: "b", if: condition, env: ["GO": "no"]),
            ],
            types: [.pass])
        #expect(await run.run() == .success)
        #expect(run.outcomes == ["pass: skip", "b: success"])
    }

    @Test func `a variable without a value fails the step, and one of the job the job`() async {
        let step = TestRun(steps: [.step("pass", env: ["A": .reference(["nothing"])])], types: [.pass])
        #expect(await step.run() == .invalidWorkflow)
        #expect(step.failure(of: "pass")?.message.hasPrefix("env.A: ") == true)
        let job = TestRun(
            jobs: [Job(id: "job", env: ["A": .reference(["nothing"])], steps: [.step("pass")])], types: [.pass])
        #expect(await job.run() == .invalidWorkflow)
        #expect(job.log.state.jobs["job"]?.failure?.message.hasPrefix("env.A: ") == true)
    }

    @Test func `a secret reaches the environment and secret inputs, and no event`() async {
        let secret = Expression.reference(["secrets", "TOKEN"])
        let signature = StepSignature(
            uses: "call", summary: "A step of a test.", inputs: [.init("key", isSecret: true, "a secret")])
        let type = StepType(signature) { _ in
            ScriptedStep { context in
                #expect(context.environment == ["TOKEN": "hush-hush"])
                #expect(context.inputs.string("key") == "hush-hush")
            }
        }
        let run = TestRun(
            jobs: [Job(id: "job", steps: [.step("call", with: ["key": secret], env: ["TOKEN": secret])])],
            types: [type], context: RunContext(secrets: ["TOKEN": "hush-hush"]))
        #expect(await run.run() == .success)
        #expect(!run.log.events.contains { "\($0)".contains("hush-hush") })
    }

    @Test func `an input that is not secret cannot look at secrets`() async {
        let run = TestRun(
            jobs: [Job(id: "job", steps: [.step("say", with: ["text": .reference(["secrets", "TOKEN"])])])],
            types: [ScriptedStep.type("say", inputs: ["text"]) { _ in }],
            context: RunContext(secrets: ["TOKEN": "hush"]))
        #expect(await run.run() == .invalidWorkflow)
    }

    @Test func `the working directory may be an expression`() async {
        let run = TestRun(
            steps: [.step("look", env: ["DIR": "agents/one"], workingDirectory: .reference(["env", "DIR"]))],
            types: [look { #expect($0.workingDirectory == "agents/one") }])
        #expect(await run.run() == .success)
    }
}

@Suite struct JobOutputsTests {
    private let make = ScriptedStep.type("make", outputs: ["id"]) { $0.output("id", "42") }

    private func end(of job: JobPath, in run: TestRun) -> JobFinished? {
        for case let end as JobFinished in run.log.events.map(\.payload) where end.job == job { return end }
        return nil
    }

    @Test func `what a job puts out is recorded and reaches the jobs that need it`() async {
        let run = TestRun(
            jobs: [
                Job(id: "build", outputs: ["id": .output("id", of: "make")], steps: [.step("make")]),
                Job(
                    id: "use", needs: ["build"],
                    steps: [.step("pass", if: .equal(.reference(["needs", "build", "outputs", "id"]), "42"))]),
            ], types: [make, .pass])
        #expect(await run.run() == .success)
        #expect(run.outcomes == ["make: success", "pass: success"])
        #expect(end(of: "build", in: run)?.outputs == ["id": "42"])
    }

    @Test func `an output without a value fails a job that would be a success`() async {
        let run = TestRun(
            jobs: [Job(id: "job", outputs: ["id": .reference(["nothing"])], steps: [.step("make")])], types: [make])
        #expect(await run.run() == .invalidWorkflow)
        #expect(end(of: "job", in: run)?.failure?.message.hasPrefix("outputs.id of job 'job': ") == true)
    }

    @Test func `after a failure an output without a value is null`() async {
        let run = TestRun(
            jobs: [Job(id: "job", outputs: ["id": .reference(["nothing"])], steps: [.step("fail")])], types: [.fail])
        #expect(await run.run() == .failed)
        #expect(end(of: "job", in: run)?.outputs == ["id": .null])
    }
}
