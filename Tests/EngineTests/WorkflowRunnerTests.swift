import Clocks
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct WorkflowRunnerTests {
    @Test func `steps run in order, and a later one sees what an earlier one put out`() async {
        let said = Mutex<[String]>([])
        let run = TestRun(
            steps: [.step("make"), .step("show", with: ["text": .output("id", of: "make")])],
            types: [
                ScriptedStep.type("make", outputs: ["id"]) { $0.output("id", "42") },
                ScriptedStep.type("show", inputs: ["text"]) { context in
                    said.withLock { $0.append(context.inputs.string("text") ?? "") }
                },
            ])
        #expect(await run.run() == .success)
        #expect(said.withLock { $0 } == ["42"])
        #expect(run.outcomes == ["make: success", "show: success"])
    }

    @Test func `after a failure only the steps run that ask for it, and its verdict is the run's`() async {
        let run = TestRun(
            steps: [
                .step("fail"), .step("pass", id: "next"), .step("pass", id: "undo", if: .failure),
                .step("pass", id: "tidy", if: .always),
            ], types: [.pass, .fail])
        #expect(await run.run() == .failed)
        #expect(run.outcomes == ["fail: failure", "next: skip", "undo: success", "tidy: success"])
        #expect(run.jobOutcomes == ["job": .failure])
    }

    @Test func `a failure that is tolerated keeps its outcome but counts for nothing`() async {
        let run = TestRun(
            steps: [
                .step("fail", continueOnError: true),
                .step(
                    "pass",
                    if: .and(
                        .equal(.reference(["steps", "fail", "outcome"]), "failure"),
                        .equal(.reference(["steps", "fail", "conclusion"]), "success"))),
            ], types: [.pass, .fail])
        #expect(await run.run() == .success)
        #expect(run.outcomes == ["fail: failure", "pass: success"])
    }

    @Test func `jobs that need nothing run at the same time`() async {
        let meeting = (Gate(), Gate())
        let types = [
            ScriptedStep.type("first") { _ in
                meeting.0.open()
                await meeting.1.pass()
            },
            ScriptedStep.type("second") { _ in
                meeting.1.open()
                await meeting.0.pass()
            },
        ]
        let run = TestRun(
            jobs: [Job(id: "a", steps: [.step("first")]), Job(id: "b", steps: [.step("second")])], types: types)
        #expect(await run.run() == .success)
        #expect(run.jobOutcomes == ["a": .success, "b": .success])
    }

    @Test func `a job that needs a failed one is skipped, and one that asks for the failure runs`() async {
        let run = TestRun(
            jobs: [
                Job(id: "build", steps: [.step("fail")]),
                Job(id: "promote", needs: ["build"], steps: [.step("pass")]),
                Job(id: "tell", needs: ["promote"], if: .failure, steps: [.step("pass")]),
            ], types: [.pass, .fail])
        #expect(await run.run() == .failed)
        #expect(run.jobOutcomes == ["build": .failure, "promote": .skip, "tell": .success])
    }

    @Test func `of two failures the first one is the verdict, but a failed rollback beats it`() async {
        let lost = ScriptedStep.type("lost") { _ in throw StepFailure(.rollbackFailed, code: "Lost", "both failed") }
        let plain = TestRun(
            steps: [.step("fail"), .step("late", if: .always)],
            types: [.fail, ScriptedStep.type("late") { _ in throw StepFailure(.timedOut, code: "Late", "late") }])
        #expect(await plain.run() == .failed)
        let run = TestRun(steps: [.step("fail"), .step("lost", if: .failure)], types: [.fail, lost])
        #expect(await run.run() == .rollbackFailed)
    }

    @Test func `a job whose condition has no value fails the run`() async {
        let run = TestRun(
            jobs: [Job(id: "job", if: .reference(["nothing"]), steps: [.step("pass")])], types: [.pass])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.log.state.jobs["job"]?.failure?.code == "InvalidJob")
    }

    @Test(arguments: [
        Job(id: "job", concurrency: .reference(["nothing"]), steps: [.step("pass")]),
        Job(id: "job", timeout: .reference(["nothing"]), steps: [.step("pass")]),
        Job(id: "job", timeout: "soon", steps: [.step("pass")]),
    ])
    func `a job whose lock or time limit has no value fails before its first step`(job: Job) async {
        let run = TestRun(jobs: [job], types: [.pass])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.outcomes.isEmpty)
        #expect(run.jobOutcomes == ["job": .error])
    }

    @Test(arguments: [
        [Job(id: "a", needs: ["b"], steps: []), Job(id: "b", needs: ["a"], steps: [])],
        [Job(id: "a", needs: ["missing"], steps: [])],
    ])
    func `a job that needs what never ends fails the run instead of holding it up`(jobs: [Job]) async {
        let run = TestRun(jobs: jobs, types: [])
        #expect(await run.run() == .invalidWorkflow)
        #expect(run.jobOutcomes["a"] == .error)
    }

    @Test func `a step whose condition has no value is an error, unless the step may fail`() async {
        let strict = TestRun(steps: [.step("pass", if: .reference(["nothing"]))], types: [.pass])
        #expect(await strict.run() == .invalidWorkflow)
        #expect(strict.outcomes == ["pass: error"])
        let lenient = TestRun(
            steps: [.step("pass", if: .reference(["nothing"]), continueOnError: true)], types: [.pass])
        #expect(await lenient.run() == .success)
    }

    @Test(arguments: [Expression.always, .failure])
    func `a clean-up job has time left after the timeout of the run`(condition: Expression) async {
        let clock = VirtualClock(automatic: true)
        let work = ScriptedStep.type("work") { context in
            try await context.clock.sleep(for: .seconds(2))
            throw StepFailure(.timedOut, code: "TimedOut", "timed out")
        }
        let clean = ScriptedStep.type("clean") { context in
            #expect(context.deadline.map { context.clock.now.duration(to: $0) } == .seconds(300))
            try await context.clock.sleep(for: .seconds(30))
        }
        var run = TestRun(
            jobs: [
                Job(id: "work", steps: [.step("work")]),
                Job(id: "cleanup", needs: ["work"], if: condition, steps: [.step("clean")]),
            ], types: [work, clean], clock: clock)
        run.timeout = .seconds(2)
        #expect(await run.run() == .timedOut)
        #expect(run.jobOutcomes == ["work": .timeout, "cleanup": .success])
    }

    @Test func `a job that is no clean-up has the timeout of the run`() async {
        let clock = VirtualClock(automatic: true)
        let work = ScriptedStep.type("work") { try await $0.clock.sleep(for: .seconds(2)) }
        let more = ScriptedStep.type("more") { context in
            #expect(context.deadline?.sinceStart == .seconds(3))
        }
        var run = TestRun(
            jobs: [Job(id: "a", steps: [.step("work")]), Job(id: "b", needs: ["a"], steps: [.step("more")])],
            types: [work, more], clock: clock)
        run.timeout = .seconds(3)
        #expect(await run.run() == .success)
    }

    @Test func `a workflow without jobs is a success`() async {
        #expect(await TestRun(jobs: [], types: []).run() == .success)
    }

    @Test func `the facts that close a step come right before its end`() async {
        let log = EventLog(runID: RunID(rawValue: "run"), clock: VirtualClock(), journal: MemoryJournal())
        let count = RequestsCounted(total: 3, retries: 0, byEndpoint: [:])
        let runner = WorkflowRunner(
            workflow: Workflow(name: "w", jobs: [Job(id: "job", steps: [.step("pass")])]),
            registry: StepRegistry([.pass]), log: log, clock: VirtualClock(), locks: RunLocks(folder: "/dev/null"),
            cancellation: RunCancellation(), closingEvents: { [count] })
        _ = await runner.run(tool: ("slipway", "1"), inputs: [:])
        let end = log.events.firstIndex { $0.payload is StepFinished }
        #expect(end.map { log.events[$0 - 1].payload as? RequestsCounted } == count)
    }
}
