import Testing
import WorkflowModel

@testable import Engine

@Suite struct RunStateTests {
    private func state(_ payloads: any EventPayload...) -> RunState {
        payloads.reduce(into: RunState()) { $0.apply($1) }
    }

    private static func end(
        _ verdict: Verdict, _ step: String = "step", willRetry: Bool = false, isTolerated: Bool = false
    ) -> any EventPayload {
        StepFinished(
            job: "job", step: step, attempt: 1, result: verdict.outcome, durationMilliseconds: 0,
            failure: StepFailure(verdict, code: "X", "x"), willRetry: willRetry, isTolerated: isTolerated)
    }

    private static func job(_ result: Outcome, _ verdict: Verdict? = nil) -> any EventPayload {
        JobFinished(job: "job", result: result, failure: verdict.map { StepFailure($0, code: "X", "x") })
    }

    private static let order = RunCancelled(signal: .interrupt)

    @Test func `a refused effect is none, and one whose answer was lost before stays`() {
        let intent = EffectIntended(job: "job", step: "step", effect: "redeploy", facts: [:])
        let refusal = EffectRefused(job: "job", step: "step", effect: "redeploy")
        let other = EffectIntended(job: "job", step: "step", effect: "interrupt", facts: [:])
        #expect(!state(intent, refusal).hasEffects)
        #expect(state(intent, refusal).step("step", of: "job").requested == ["redeploy"])
        #expect(state(intent, intent, refusal).step("step", of: "job").effects == [intent])
        #expect(state(other, intent, refusal).step("step", of: "job").effects == [other])
        #expect(state(refusal, intent).hasEffects)
    }

    @Test(arguments: [
        ([], Verdict.success), ([job(.success)], .success), ([job(.skip)], .success),
        ([end(.failed), job(.failure)], .failed), ([end(.timedOut), end(.failed, "b")], .timedOut),
        ([end(.failed), end(.rollbackFailed, "b"), job(.failure)], .rollbackFailed),
        ([job(.error, .busy)], .busy),
        ([end(.failed, willRetry: true)], .success), ([end(.failed, isTolerated: true)], .success),
        ([order, job(.success)], .success), ([order, job(.cancellation)], .interrupted),
        ([end(.failed), order, job(.failure)], .failed), ([end(.failed), order, job(.cancellation)], .interrupted),
        ([end(.rollbackFailed), order, job(.cancellation)], .rollbackFailed),
        ([job(.cancellation)], .terminated),
    ])
    func `a failed rollback beats the order to stop, and that beats the first failure`(
        events: [any EventPayload], verdict: Verdict
    ) {
        #expect(events.reduce(into: RunState()) { $0.apply($1) }.verdict == verdict)
    }

    /// The events of a job whose one step tells what was live then.
    private static func momentary(_ job: JobPath) -> [any EventPayload] {
        [
            JobStarted(job: job), StepStarted(job: job, step: "verify", name: "Verify", uses: "verify", attempt: 1),
            StepFinished(
                job: job, step: "verify", attempt: 1, result: .success, durationMilliseconds: 0, isMomentary: true),
            JobFinished(job: job, result: .success),
        ]
    }

    @Test func `a run that was about to end repeats the checks that nothing followed`() {
        let events = ["wave (a)", "wave (b)", "bake"].flatMap { Self.momentary($0) }
        let state = events.reduce(into: RunState()) { $0.apply($1) }.resumed()
        #expect(state.jobs["bake"]?.phase == .interrupted)
        #expect(state.jobs["wave (a)"]?.phase == .finished(.success))
        #expect(state.jobs["wave (b)"]?.phase == .finished(.success))
        let rows = ["wave (a)", "wave (b)"].flatMap { Self.momentary($0) }
        let resumed = rows.reduce(into: RunState()) { $0.apply($1) }.resumed()
        #expect(resumed.jobs.values.allSatisfy { $0.phase == .interrupted })
    }

    @Test func `a step is what its last event says`() {
        let started = StepStarted(job: "job", step: "step", name: "", uses: "", attempt: 1)
        #expect(RunState().step("step", of: "job").phase == .pending)
        #expect(state(started).step("step", of: "job").phase == .running(attempt: 1))
        #expect(state(started, Self.end(.failed, willRetry: true)).step("step", of: "job").phase == .failedAttempt(1))
        #expect(state(started, Self.end(.failed)).step("step", of: "job").outcome == .failure)
    }

    @Test func `a later output replaces an earlier one of the same name`() {
        let outputs = ["1", "2"].map {
            OutputRecorded(job: "job", step: "step", name: "id", value: .string($0))
        }
        #expect(state(outputs[0], outputs[1]).step("step", of: "job").outputs == ["id": "2"])
    }

    @Test func `a job that begins after the order to stop cleans up`() {
        let start = JobStarted(job: "job")
        #expect(state(Self.order, start).jobs["job"]?.isCleanup == true)
        #expect(state(start, Self.order).jobs["job"]?.isCleanup == false)
    }

    @Test func `the start's inputs and the end's verdict are kept`() {
        let start = RunStarted(workflow: "w", toolName: "t", toolVersion: "1", inputs: ["name": "x"])
        let state = state(
            start, RunFinished(verdict: .busy, durationMilliseconds: 1))
        #expect(state.inputs == ["name": "x"])
        #expect(state.finished == .busy)
    }
}
