import Clocks
import Engine
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@Suite struct NestedRunTests {
    /// A workflow `inner` with these jobs, used by the step `use` of the job `job`.
    private static func run(
        _ jobs: [Job], inputs: [InputDefinition] = [], outputs: [String: Expression] = [:],
        use: StepDefinition = .step("use"), after: [StepDefinition] = [], types: [StepType] = [],
        presets: [String: Value] = [:], timeout: Expression? = nil, clock: VirtualClock = VirtualClock(),
        journal: any Journal = MemoryJournal(), earlier: [RunEvent] = []
    ) -> TestRun {
        let inner = Workflow(name: "inner", inputs: inputs, jobs: jobs, outputs: outputs)
        let type = StepType(inner.signature(as: "use"), workflow: ReusableWorkflow(inner, presets: presets))
        return TestRun(
            jobs: [Job(id: "job", timeout: timeout, steps: [use] + after)], types: [type, .pass, .fail] + types,
            clock: clock, journal: journal, earlier: earlier)
    }

    private static let say = ScriptedStep.type("say", inputs: ["word"], outputs: ["said"]) { context in
        context.output("said", Value(context.inputs.string("word")))
    }

    @Test func `the jobs of a used workflow run inside its step`() async {
        let run = Self.run([Job(id: "a", steps: [.step("pass")]), Job(id: "b", needs: ["a"], steps: [.step("pass")])])
        #expect(await run.run() == .success)
        #expect(run.jobOutcomes == ["job": .success, "job › use › a": .success, "job › use › b": .success])
        #expect(run.outcomes == ["pass: success", "pass: success", "use: success"])
    }

    @Test func `inputs go in by type, and outputs come out`() async {
        let job = Job(
            id: "a", outputs: ["said": .output("said", of: "say")],
            steps: [.step("say", with: ["word": .input("word")])])
        let run = Self.run(
            [job],
            inputs: [
                InputDefinition("word", description: ""),
                InputDefinition("n", .number, default: .number(1), description: ""),
            ],
            outputs: ["echo": .reference(["needs", "a", "outputs", "said"])],
            use: .step("use", with: ["word": "hello", "n": "2"]),
            after: [.step("say", id: "after", with: ["word": .output("echo", of: "use")])], types: [Self.say])
        #expect(await run.run() == .success)
        #expect(run.log.state.step("after", of: "job").outputs["said"] == "hello")
    }

    @Test func `presets fill what the step leaves open`() async {
        let job = Job(id: "a", steps: [.step("say", with: ["word": .input("word")])])
        let run = Self.run(
            [job], inputs: [InputDefinition("word", default: "default", description: "")],
            types: [Self.say], presets: ["word": "preset"])
        #expect(await run.run() == .success)
        #expect(run.log.state.step("say", of: "job › use › a").outputs["said"] == "preset")
    }

    @Test func `an input of another type is the step's failure`() async {
        let run = Self.run(
            [Job(id: "a", steps: [.step("pass")])], inputs: [InputDefinition("n", .number, description: "")],
            use: .step("use", with: ["n": "many"]))
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.failure(of: "use")?.message == "workflow 'inner': invalid input 'n': 'many' is not a number")
    }

    @Test func `its failure is the step's, and counts once`() async {
        let run = Self.run([Job(id: "a", steps: [.step("fail")])], after: [.step("pass")])
        #expect(await run.run() == .failed)
        #expect(run.failure(of: "use") == .no)
        #expect(run.log.state.failures == [.no])
        #expect(run.outcomes == ["fail: failure", "use: failure", "pass: skip"])
    }

    @Test func `a failure in it may be tolerated outside`() async {
        let run = Self.run(
            [Job(id: "a", steps: [.step("fail")])], use: .step("use", continueOnError: true), after: [.step("pass")])
        #expect(await run.run() == .success)
    }

    @Test func `what it put out before it failed can be read`() async {
        let job = Job(
            id: "a", outputs: ["said": .output("said", of: "say")],
            steps: [.step("say", with: ["word": "half"]), .step("fail")])
        let run = Self.run(
            [job], outputs: ["said": .reference(["needs", "a", "outputs", "said"])],
            after: [.step("say", id: "after", with: ["word": .output("said", of: "use")], if: .failure)],
            types: [Self.say])
        #expect(await run.run() == .failed)
        #expect(run.log.state.step("after", of: "job").outputs["said"] == "half")
    }

    @Test func `another try of the step begins the workflow anew`() async {
        let tries = Mutex(0)
        let flaky = ScriptedStep.type("flaky") { _ in
            let isFirst = tries.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { throw StepFailure.no }
        }
        let run = Self.run(
            [Job(id: "a", steps: [.step("pass"), .step("flaky")])],
            use: .step("use", retry: RetryPolicy(attempts: 2, delay: .zero)), types: [flaky])
        #expect(await run.run() == .success)
        #expect(run.jobOutcomes["job › use › a"] == .failure)
        #expect(run.jobOutcomes["job › use #2 › a"] == .success)
    }

    @Test func `the time of the step bounds its jobs, and a step that cleans up comes after`() async {
        let clock = VirtualClock()
        let run = Self.run(
            [Job(id: "a", steps: [.step("sleep"), .step("pass", if: .failure)])],
            use: .step("use", timeout: "1m"), types: [.sleep], clock: clock)
        let verdict = await VirtualTimeExecutor.run(on: clock) { await run.run() }
        #expect(verdict == .timedOut)
        #expect(run.outcomes == ["sleep: timeout", "pass: success", "use: timeout"])
    }

    @Test func `the order to stop reaches a step in it, and it cleans up`() async {
        let clock = VirtualClock()
        let run = Self.run(
            [Job(id: "a", steps: [.step("sleep"), .step("pass", if: .always)])], types: [.sleep], clock: clock)
        async let verdict = run.run()
        await clock.sleepers(1)
        run.cancellation.cancel(.terminate)
        #expect(await verdict == .terminated)
        #expect(run.outcomes == ["sleep: cancellation", "pass: success", "use: cancellation"])
    }

    @Test func `a run that was cut off goes on inside, with what was done`() async throws {
        let journal = MemoryJournal()
        let jobs = [Job(id: "a", steps: [.step("pass", id: "one"), .step("pass", id: "two")])]
        let first = Self.run(jobs, journal: journal)
        #expect(await first.run() == .success)
        // Cut off in the middle of the step `two`.
        let cut = journal.events.prefix { event in
            if let end = event.payload as? StepFinished { end.step != "two" } else { true }
        }
        let second = Self.run(jobs, earlier: Array(cut))
        #expect(await second.resume() == .success)
        let again = second.log.events.dropFirst(cut.count).compactMap { event -> String? in
            if let start = event.payload as? StepStarted {
                "\(start.job)/\(start.step) \(start.attempt)"
            } else {
                nil
            }
        }
        #expect(again == ["job/use 2", "job › use › a/two 2"])
    }
}
