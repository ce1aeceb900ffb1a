import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

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
