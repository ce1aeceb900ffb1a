import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

/// `resume --failed`: a run that ended with a failure, whose failed jobs run again.
@Suite struct RepeatFailedTests {
    /// What ran, in order, as `job: step`, and what fails.
    private final class World: Sendable {
        let ran = Mutex<[String]>([])
        let failing: Mutex<Set<String>>

        init(failing: Set<String>) { self.failing = Mutex(failing) }

        var types: [StepType] {
            [
                ScriptedStep.type("work", outputs: ["id"]) { [self] context in
                    let job = context.job.text
                    ran.withLock { $0.append(job) }
                    context.output("id", .string(job))
                    if failing.withLock({ $0.contains(job) }) { throw StepFailure.no }
                },
                ScriptedStep.type("change", outputs: ["id"]) { [self] context in
                    let job = context.job.text
                    #expect(context.previousAttempts.effects.isEmpty)
                    try await context.perform("change", facts: [:]) { ran.withLock { $0.append(job) } }
                    if failing.withLock({ $0.contains(job) }) { throw StepFailure.no }
                },
            ]
        }
    }

    private func job(_ id: String, needs: [String] = [], if condition: Expression = .success, step: String = "work")
        -> Job
    {
        Job(id: id, needs: needs, if: condition, outputs: ["id": .output("id", of: step)], steps: [.step(step)])
    }

    /// Runs the jobs, repairs what failed, and runs what failed again.
    private func repeated(_ jobs: [Job], failing: Set<String>) async -> (ran: [String], verdict: Verdict, run: TestRun)
    {
        let world = World(failing: failing)
        let first = TestRun(jobs: jobs, types: world.types)
        #expect(await first.run(inputs: ["zones": .list(["a", "b", "c"])]) == .failed)
        world.failing.withLock { $0 = [] }
        world.ran.withLock { $0 = [] }
        let second = TestRun(jobs: jobs, types: world.types, earlier: first.log.events)
        let verdict = await second.repeatFailed()
        return (world.ran.withLock(\.self), verdict, second)
    }

    @Test func `only what failed and what needs it runs again, with the outputs of the others`() async {
        let jobs = [
            job("build"), job("lint"), job("test", needs: ["build"]), job("deploy", needs: ["test", "lint"]),
            job("tell", needs: ["deploy"], if: .always),
        ]
        let (ran, verdict, run) = await repeated(jobs, failing: ["test"])
        #expect(verdict == .success)
        #expect(ran == ["test", "deploy", "tell"])
        #expect(run.log.state.jobs["build"]?.outputs == ["id": "build"])
        #expect(run.log.state.failures.isEmpty)
        #expect(run.log.state.finished == .success)
    }

    @Test func `of a matrix only the rows that did not succeed run again`() async {
        let fleet = Job(
            id: "fleet",
            strategy: Strategy(
                matrix: Matrix(axes: [.init("zone", .input("zones"))]), maxParallel: 1, failFast: true),
            steps: [.step("work")])
        let (ran, verdict, run) = await repeated([fleet], failing: ["fleet (b)"])
        #expect(verdict == .success)
        #expect(ran == ["fleet (b)", "fleet (c)"])
        #expect(run.jobOutcomes == ["fleet (a)": .success, "fleet (b)": .success, "fleet (c)": .success])
    }

    @Test func `a change of the first time is not taken for done`() async {
        let (ran, verdict, _) = await repeated([job("deploy", step: "change")], failing: ["deploy"])
        #expect(verdict == .success)
        #expect(ran == ["deploy"])
    }

    @Test func `what a clean-up job may have undone runs again too`() async {
        let fleet = Job(
            id: "fleet",
            strategy: Strategy(
                matrix: Matrix(axes: [.init("zone", .input("zones"))]), maxParallel: 1, failFast: false),
            steps: [.step("work")])
        let undo = job("undo", needs: ["fleet"], if: .failure, step: "change")
        let (ran, verdict, run) = await repeated([fleet, undo], failing: ["fleet (b)"])
        #expect(verdict == .success)
        #expect(ran == ["fleet (a)", "fleet (b)", "fleet (c)"])
        #expect(run.jobOutcomes["undo"] == .skip)
    }

    @Test func `a job in a workflow that a step uses starts from the beginning`() async {
        let world = World(failing: ["second"])
        let used = ReusableWorkflow(
            Workflow(name: "used", jobs: [job("first", step: "change"), job("second", needs: ["first"])]))
        let types = world.types + [StepType(StepSignature(uses: "call", summary: ""), workflow: used)]
        let jobs = [Job(id: "outer", steps: [.step("call")])]
        let first = TestRun(jobs: jobs, types: types)
        #expect(await first.run() == .failed)
        world.failing.withLock { $0 = [] }
        world.ran.withLock { $0 = [] }
        let second = TestRun(jobs: jobs, types: types, earlier: first.log.events)
        #expect(await second.repeatFailed() == .success)
        #expect(world.ran.withLock(\.self) == ["first", "second"])
    }

    @Test func `killed, the repetition is resumed where it was`() async throws {
        let world = World(failing: ["test"])
        let jobs = [job("build"), job("test", needs: ["build"]), job("deploy", needs: ["test"])]
        let first = TestRun(jobs: jobs, types: world.types)
        _ = await first.run()
        world.failing.withLock { $0 = [] }
        let second = TestRun(jobs: jobs, types: world.types, earlier: first.log.events)
        _ = await second.repeatFailed()
        let kept = try #require(
            second.log.events.lastIndex { ($0.payload as? JobStarted)?.job == "deploy" })
        world.ran.withLock { $0 = [] }
        let third = TestRun(jobs: jobs, types: world.types, earlier: Array(second.log.events.prefix(kept + 1)))
        #expect(await third.resume() == .success)
        #expect(world.ran.withLock(\.self) == ["deploy"])
    }

    @Test func `a run that succeeded has nothing to run again`() async {
        let world = World(failing: [])
        let first = TestRun(jobs: [job("build")], types: world.types)
        _ = await first.run()
        let second = TestRun(jobs: [job("build")], types: world.types, earlier: first.log.events)
        #expect(await second.repeatFailed() == .success)
        #expect(world.ran.withLock(\.self) == ["build"])
    }
}
