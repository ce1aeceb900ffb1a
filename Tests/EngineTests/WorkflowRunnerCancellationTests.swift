import Clocks
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct WorkflowRunnerCancellationTests {
    let clock = VirtualClock()

    private func cancelled(
        _ run: TestRun, by reason: RunCancelled.Reason = .terminate, whenSleepers count: Int = 1
    ) async -> Verdict {
        async let verdict = run.run()
        await clock.sleepers(count)
        run.cancellation.cancel(reason)
        return await verdict
    }

    @Test(arguments: [RunCancelled.Reason.interrupt, .terminate])
    func `row 34: told to stop before it began, a run starts no step`(reason: RunCancelled.Reason) async {
        let run = TestRun(steps: [.step("pass")], types: [.pass])
        run.cancellation.cancel(reason)
        #expect(await run.run() == reason.verdict)
        #expect(run.outcomes.isEmpty)
        #expect(run.jobOutcomes == ["job": .cancellation])
    }

    @Test func `the order ends the running step and skips the rest`() async {
        let run = TestRun(steps: [.step("sleep"), .step("pass")], types: [.sleep, .pass], clock: clock)
        #expect(await cancelled(run) == .terminated)
        #expect(run.outcomes == ["sleep: cancellation", "pass: skip"])
        #expect(run.jobOutcomes == ["job": .cancellation])
        #expect(run.failure(of: "sleep")?.message == "cancelled (SIGTERM)")
    }

    @Test func `a tolerated failure does not hide that the job was cancelled`() async {
        let box = Mutex<RunCancellation?>(nil)
        let stop = EventHook { event in
            if (event.payload as? StepFinished)?.step == "pass" { box.withLock(\.self)?.cancel(.interrupt) }
        }
        let run = TestRun(
            jobs: [
                Job(
                    id: "job", steps: [.step("fail", continueOnError: true), .step("pass"), .step("pass", id: "last")])
            ], types: [.fail, .pass], observers: [stop])
        box.withLock { $0 = run.cancellation }
        #expect(await run.run() == .interrupted)
        #expect(run.outcomes == ["fail: failure", "pass: success", "last: skip"])
        #expect(run.jobOutcomes == ["job": .cancellation])
    }

    @Test func `the order is recorded before anything that is decided because of it`() async {
        let run = TestRun(steps: [.step("sleep"), .step("pass")], types: [.sleep, .pass], clock: clock)
        _ = await cancelled(run)
        let order = run.log.events.firstIndex { $0.payload as? RunCancelled == RunCancelled(signal: .terminate) }
        let skip = run.log.events.firstIndex { event in
            if let end = event.payload as? StepFinished { end.result == .skip } else { false }
        }
        #expect(order != nil && skip != nil)
        #expect(order ?? 0 < skip ?? 0)
    }

    @Test func `row 36: steps that clean up run after the order, within five seconds of it`() async {
        let run = TestRun(
            steps: [
                .step("sleep"), .step("tidy", if: .always), .step("undo", if: .failure),
                .step("sleep", id: "hang", if: .call("cancelled", [])),
            ],
            types: [
                .sleep, .pass, ScriptedStep.type("undo") { _ in },
                ScriptedStep.type("tidy") { #expect($0.deadline?.sinceStart == .seconds(4)) },
            ], clock: clock)
        async let verdict = run.run()
        await clock.sleepers(1)
        run.cancellation.cancel(.interrupt)
        // The step that hangs and the watch on its deadline; then the rest of the grace.
        await clock.sleepers(2)
        clock.advance(by: .seconds(4))
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        #expect(await verdict == .interrupted)
        #expect(run.outcomes == ["sleep: cancellation", "tidy: success", "undo: skip", "hang: timeout"])
        #expect(clock.now.sinceStart == .seconds(5))
    }

    @Test func `told to stop after the last step, a run is what it was`() async {
        let cancellation = RunCancellation()
        let run = TestRun(
            steps: [.step("pass", id: "never", if: false), .step("last")],
            types: [.pass, ScriptedStep.type("last") { _ in }])
        // The order comes while the last step, which does not hear it, is in its last moment.
        let log = EventLog(runID: RunID(rawValue: "run"), clock: clock, journal: MemoryJournal())
        let runner = WorkflowRunner(
            workflow: run.workflow, registry: StepRegistry([.pass, ScriptedStep.type("last") { _ in }]), log: log,
            clock: clock, locks: RunLocks(folder: "/dev/null"), cancellation: cancellation,
            closingEvents: {
                cancellation.cancel(.interrupt)
                return []
            })
        #expect(await runner.run(tool: ("slipway", "1"), inputs: [:]) == .success)
        #expect(log.state.cancellation == .interrupt)
        #expect(log.state.jobs["job"]?.phase == .finished(.success))
    }

    @Test func `the order in place of a rollback that was due is the verdict, not the failure`() async {
        let cancellation = RunCancellation()
        let log = EventLog(runID: RunID(rawValue: "run"), clock: clock, journal: MemoryJournal())
        let job = Job(id: "job", steps: [.step("fail"), .step("pass", id: "undo", if: .failure)])
        let runner = WorkflowRunner(
            workflow: Workflow(name: "w", jobs: [job]), registry: StepRegistry([.pass, .fail]), log: log, clock: clock,
            locks: RunLocks(folder: "/dev/null"), cancellation: cancellation,
            closingEvents: {
                cancellation.cancel(.terminate)
                return []
            })
        #expect(await runner.run(tool: ("slipway", "1"), inputs: [:]) == .terminated)
        #expect(log.state.step("undo", of: "job").outcome == .skip)
    }

    @Test func `the order ends the pause before another try`() async {
        let run = TestRun(
            steps: [.step("fail", retry: RetryPolicy(attempts: 3, delay: .seconds(60)))], types: [.fail], clock: clock)
        #expect(await cancelled(run) == .terminated)
        #expect(clock.now.sinceStart == .zero)
        #expect(run.outcomes == ["fail: cancellation"])
    }

    @Test func `a job that has not begun is cancelled, unless it would have been skipped anyway`() async {
        let run = TestRun(
            jobs: [
                Job(id: "deploy", steps: [.step("sleep")]),
                Job(id: "promote", needs: ["deploy"], steps: [.step("pass")]),
                Job(id: "never", needs: ["deploy"], if: false, steps: [.step("pass")]),
                Job(id: "tell", needs: ["deploy"], if: .always, steps: [.step("pass"), .step("pass", id: "more")]),
            ], types: [.sleep, .pass], clock: clock)
        #expect(await cancelled(run) == .terminated)
        #expect(
            run.jobOutcomes == ["deploy": .cancellation, "promote": .skip, "never": .skip, "tell": .success])
        #expect(run.outcomes == ["sleep: cancellation", "pass: success", "more: success"])
    }

    @Test func `a run whose own task is cancelled ends as told to stop`() async {
        let run = TestRun(steps: [.step("sleep"), .step("pass")], types: [.sleep, .pass], clock: clock)
        await withTaskGroup(of: Verdict.self) { group in
            group.addTask { await run.run() }
            await clock.sleepers(1)
            group.cancelAll()
            #expect(await group.next() == .terminated)
        }
    }

    @Test func `a rollback that failed before the order is still the verdict`() async {
        let lost = ScriptedStep.type("lost") { _ in throw StepFailure(.rollbackFailed, code: "Lost", "both failed") }
        let run = TestRun(
            steps: [.step("lost"), .step("sleep", if: .always)], types: [lost, .sleep], clock: clock)
        #expect(await cancelled(run) == .rollbackFailed)
    }
}
