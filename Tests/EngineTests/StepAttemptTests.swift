import Clocks
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct StepAttemptTests {
    struct Odd: Error {}

    @Test func `a step of an unknown type fails as an invalid workflow and is not tried again`() async {
        let run = TestRun(steps: [.step("nosuch", retry: RetryPolicy(attempts: 3))], types: [])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.failure(of: "nosuch")?.code == "UnknownStepType")
    }

    @Test func `an input without a value names the input`() async {
        let run = TestRun(
            steps: [.step("say", with: ["text": .reference(["nothing"])])],
            types: [ScriptedStep.type("say", inputs: ["text"]) { _ in }])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.failure(of: "say")?.message.hasPrefix("with.text: ") == true)
    }

    @Test func `a step that cannot be made for an unforeseen reason is a bug`() async {
        let type = StepType(StepSignature(uses: "odd", summary: "")) { _ in throw Odd() }
        let run = TestRun(steps: [.step("odd")], types: [type])
        #expect(await run.run() == .internalError)
        #expect(run.failure(of: "odd")?.code == "UnexpectedError")
    }

    @Test func `later steps get the variables and folders of a script, which its own env overrides`() async {
        let seen = Mutex<[[String]]>([])
        let script = ScriptedStep.type("script") { context in
            context.recordEnvironment(["A": "1", "B": "2"], path: ["/one", "/two"])
        }
        let more = ScriptedStep.type("more") { context in
            context.recordEnvironment(["A": "3"], path: ["/three"])
        }
        let say = ScriptedStep.type("say", inputs: ["a"]) { context in
            let own = ["A", "B"].map { context.environment[$0] ?? "" }
            seen.withLock { $0.append([context.inputs.string("a") ?? ""] + own + context.searchPath) }
        }
        let step = StepDefinition.step("say", with: ["a": .reference(["env", "A"])], env: ["B": "own"])
        let steps = [StepDefinition.step("script"), .step("more"), step]
        let run = TestRun(
            jobs: [Job(id: "job", env: ["A": "0"], steps: steps)], types: [script, more, say])
        #expect(await run.run() == .success)
        #expect(seen.withLock { $0 } == [["3", "3", "own", "/three", "/two", "/one"]])
    }

    @Test func `what a script said in a try that failed is not set`() async {
        let seen = Mutex<[String]>([])
        let script = ScriptedStep.type("script") { context in
            if context.attempt == 1 {
                context.output("bad", "OLD")
                throw StepFailure.no
            }
            context.output("good", "NEW")
        }
        let say = ScriptedStep.type("say", inputs: ["bad", "good"]) { context in
            seen.withLock { $0 = [context.inputs.string("bad") ?? "", context.inputs.string("good") ?? ""] }
        }
        let bad = Expression.call("default", [.output("bad", of: "script"), "unset"])
        let run = TestRun(
            steps: [
                .step("script", retry: RetryPolicy(attempts: 2)),
                .step("say", with: ["bad": bad, "good": .output("good", of: "script")]),
            ], types: [script, say], clock: VirtualClock(automatic: true))
        #expect(await run.run() == .success)
        #expect(seen.withLock { $0 } == ["unset", "NEW"])
    }

    @Test func `tries are made with growing pauses, and only the last failure counts`() async {
        let starts = Mutex<[Duration]>([])
        let clock = VirtualClock(automatic: true)
        let type = ScriptedStep.type("flaky") { context in
            starts.withLock { $0.append(context.clock.now.sinceStart) }
            if context.attempt < 4 { throw StepFailure.no }
        }
        let run = TestRun(
            steps: [.step("flaky", retry: RetryPolicy(attempts: 4, delay: .seconds(2), maximumDelay: .seconds(5)))],
            types: [type], clock: clock)
        #expect(await run.run() == .success)
        #expect(starts.withLock { $0 } == [.zero, .seconds(2), .seconds(6), .seconds(11)])
        let retried = run.log.events.filter { event in
            if let end = event.payload as? StepFinished { end.willRetry } else { false }
        }
        #expect(retried.count == 3)
    }

    @Test(arguments: [
        (Verdict.failed, RetryPolicy.Trigger.failure, 3), (.failed, .error, 1), (.unreachable, .error, 3),
        (.timedOut, .timeout, 3), (.timedOut, .failure, 1),
    ])
    func `only what 'on' names is tried again`(verdict: Verdict, trigger: RetryPolicy.Trigger, tries: Int) async {
        let count = Mutex(0)
        let type = ScriptedStep.type("flaky") { _ in
            count.withLock { $0 += 1 }
            throw StepFailure(verdict, code: "No", "no")
        }
        let retry = RetryPolicy(attempts: 3, delay: .zero, on: [trigger])
        #expect(await TestRun(steps: [.step("flaky", retry: retry)], types: [type]).run() == verdict)
        #expect(count.withLock(\.self) == tries)
    }

    @Test func `a later try sees the outputs and the intents of the earlier ones`() async {
        let type = ScriptedStep.type("flaky", outputs: ["id"]) { context in
            if context.attempt == 2 {
                #expect(context.previousAttempts.outputs == ["id": "7"])
                #expect(context.previousAttempts.effects.map(\.effect) == ["create"])
                return
            }
            try await context.perform("create", facts: [:]) { context.output("id", "7") }
            throw StepFailure.no
        }
        let run = TestRun(steps: [.step("flaky", retry: RetryPolicy(attempts: 2, delay: .zero))], types: [type])
        #expect(await run.run() == .success)
    }

    @Test func `no further try begins when the job's time would be over by then`() async {
        let clock = VirtualClock()
        let run = TestRun(
            steps: [.step("fail", retry: RetryPolicy(attempts: 5, delay: .seconds(60)))], timeout: "60s",
            types: [.fail], clock: clock)
        #expect(await run.run() == .failed)
        #expect(run.outcomes == ["fail: failure"])
        #expect(clock.now.sinceStart == .zero)
    }

    @Test(arguments: [
        (Expression?.none, Expression?.none, Duration?.none), ("10s", nil, .seconds(10)), (nil, "20s", .seconds(20)),
        ("10s", "20s", .seconds(10)), ("30s", "20s", .seconds(20)),
    ])
    func `a step must be done by its own limit and by the job's`(
        own: Expression?, job: Expression?, expected: Duration?
    ) async {
        let run = TestRun(
            steps: [.step("look", timeout: own)], timeout: job,
            types: [ScriptedStep.type("look") { #expect($0.deadline?.sinceStart == expected) }])
        #expect(await run.run() == .success)
    }

    @Test func `a step that cleans up after a failure is not bound by the job's limit`() async {
        let run = TestRun(
            steps: [.step("fail"), .step("undo", if: .failure, timeout: "1h")], timeout: "10s",
            types: [.fail, ScriptedStep.type("undo") { #expect($0.deadline?.sinceStart == .seconds(3600)) }])
        #expect(await run.run() == .failed)
        #expect(run.outcomes == ["fail: failure", "undo: success"])
    }

    @Test func `a time limit that is no duration is an invalid workflow`() async {
        let run = TestRun(steps: [.step("pass", timeout: "soon")], types: [.pass])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.failure(of: "pass")?.code == "InvalidTimeout")
    }

    @Test func `a timeout names the limit that passed`() async {
        let type = ScriptedStep.type("sleep") { try await $0.clock.sleep(for: .seconds(3600)) }
        let clock = VirtualClock()
        let run = TestRun(steps: [.step("sleep", timeout: "30s")], types: [type], clock: clock)
        async let verdict = run.run()
        await clock.sleepers(2)
        clock.advance(by: .seconds(30))
        await clock.sleepers(2)
        clock.advance(by: .seconds(5))
        #expect(await verdict == .timedOut)
        #expect(run.failure(of: "sleep")?.message == "step 'sleep' timed out after 30s")
    }
}

@Suite struct StepInputsTests {
    let signature = StepSignature(
        uses: "wait", summary: "",
        inputs: [
            .init("id", isRequired: true, ""), .init("pace", default: "2s", ""), .init("paths", ""),
            .init("force", default: false, ""),
        ])

    @Test func `what was not given has its default`() throws {
        let inputs = try StepInputs(["id": "r", "pace": .null], for: signature)
        #expect(inputs.string("id") == "r")
        #expect(inputs.string("pace") == "2s")
        #expect(!inputs.flag("force"))
        #expect(inputs.strings("paths").isEmpty)
    }

    @Test func `all that is wrong is told at once`() {
        let failure = #expect(throws: StepFailure.self) { try StepInputs(["ids": "r", "what": true], for: signature) }
        #expect(failure?.message == "step type 'wait': unknown input 'ids'; unknown input 'what'; missing input 'id'")
        #expect(failure?.hint == "available inputs: id, pace, paths, force")
        #expect(failure?.verdict == .invalidWorkflow)
    }

    @Test(arguments: [
        (Value.null, String?.none), ("", nil), ("x", "x"), (.number(3), "3"), (true, "true"),
        (.list(["a", "b"]), "a,b"),
    ])
    func `an input is text, and an empty one is absent`(value: Value, text: String?) {
        #expect(StepInputs(["in": value]).string("in") == text)
    }

    @Test(arguments: [
        (Value.null, false), ("true", true), ("false", false), ("yes", false), (true, true), (.number(0), false),
    ])
    func `a flag is a boolean or the word for one`(value: Value, flag: Bool) {
        #expect(StepInputs(["in": value]).flag("in") == flag)
    }

    @Test(
        arguments: [
            (Value.null, [String]()), ("", []), ("a", ["a"]), (Value.list(["a", .number(1)]), ["a", "1"]),
            (Value.list([]), []),
        ] as [(Value, [String])])
    func `one text is a list of one`(value: Value, texts: [String]) {
        #expect(StepInputs(["in": value]).strings("in") == texts)
    }

    @Test(arguments: [
        (Value.string("{\"a\": 1}"), "{\"a\": 1}"), (.object(["a": .list(["b", true])]), "{\"a\":[\"b\",true]}"),
        (.list([]), "[]"), ("", nil), (.null, nil),
    ])
    func `JSON is taken as it is, and mappings become it`(value: Value, json: String?) {
        #expect(StepInputs(["x": value]).json("x") == json)
    }
}
