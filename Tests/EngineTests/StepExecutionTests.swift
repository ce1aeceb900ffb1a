import Clocks
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct StepExecutionTests {
    let clock = VirtualClock()
    let cancellation = RunCancellation()

    private func execution(
        deadline: Duration? = nil, cleanUpEnd: Duration? = nil, _ script: @escaping ScriptedStep.Script
    ) -> StepExecution {
        let log = EventLog(runID: RunID(rawValue: "run"), clock: clock, journal: MemoryJournal())
        let context = StepContext(
            job: "job", step: "step", attempt: 1, inputs: StepInputs([:]), clock: clock,
            deadline: deadline.map { MonotonicInstant(sinceStart: $0) }, previousAttempts: StepRecord(),
            durableOutputs: [], log: log,
            criticalSection: CriticalSection())
        return StepExecution(
            step: ScriptedStep(script), context: context, cancellation: cancellation,
            cleanUpEnd: cleanUpEnd.map { MonotonicInstant(sinceStart: $0) })
    }

    private func sleepLong(_ context: StepContext) async throws {
        try await context.clock.sleep(for: .seconds(3600))
    }

    @Test func `a step that returns is done, one that throws a failure has failed`() async {
        #expect(await execution { _ in }.run().name == "done")
        #expect(await execution { _ in throw StepFailure.no }.run().name == "failed No")
    }

    @Test func `any other error is a bug, and so is a cancellation that nobody asked for`() async {
        struct Odd: Error {}
        #expect(await execution { _ in throw Odd() }.run().name == "failed UnexpectedError")
        #expect(await execution { _ in throw CancellationError() }.run().name == "failed UnexpectedError")
    }

    @Test func `a step does not begin after the order to stop`() async {
        cancellation.cancel(.interrupt)
        #expect(await execution { _ in _ = Issue.record("ran") }.run().name == "cancelled")
    }

    @Test func `the order to stop cancels a step at once`() async {
        let execution = execution(sleepLong)
        async let ending = execution.run()
        await clock.sleepers(1)
        cancellation.cancel(.terminate)
        #expect(await ending.name == "cancelled")
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `a step that does not hear the order still ends as it ends`() async {
        let gate = Gate()
        let started = Gate()
        let execution = execution { _ in
            started.open()
            await gate.pass()
        }
        async let ending = execution.run()
        await started.pass()
        cancellation.cancel(.terminate)
        gate.open()
        #expect(await ending.name == "done")
    }

    @Test func `row 37: a change that completes what has begun is made after the order to stop`() async {
        let execution = execution { context in
            try await context.inCriticalSection {
                try await context.clock.sleep(for: .seconds(1))
                try await context.perform("redeploy", facts: [:]) { context.output("revision-id", "r1") }
            }
            try await sleepLong(context)
        }
        async let ending = execution.run()
        await clock.sleepers(1)
        cancellation.cancel(.interrupt)
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        #expect(await ending.name == "cancelled")
        #expect(execution.context.log.state.step("step", of: "job").outputs == ["revision-id": "r1"])
        #expect(clock.now.sinceStart == .seconds(1))
    }

    @Test func `row 35: a change on its way is waited for after the order to stop`() async {
        let execution = execution { context in
            try await context.perform("create", facts: [:]) { try await context.clock.sleep(for: .seconds(1)) }
            context.output("revision-id", "r1")
        }
        async let ending = execution.run()
        await clock.sleepers(1)
        cancellation.cancel(.interrupt)
        // The change itself, and the grace that is given to it.
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        #expect(await ending.name == "done")
        #expect(execution.context.log.state.step("step", of: "job").outputs == ["revision-id": "r1"])
    }

    @Test func `row 35: a change that takes longer is cut off after two seconds`() async {
        let execution = execution { context in
            try await context.perform("create", facts: [:]) { try await self.sleepLong(context) }
        }
        async let ending = execution.run()
        await clock.sleepers(1)
        cancellation.cancel(.interrupt)
        await clock.sleepers(2)
        clock.advance(by: .milliseconds(1999))
        await clock.sleepers(2)
        clock.advance(by: .milliseconds(1))
        #expect(await ending.name == "cancelled")
        #expect(clock.now.sinceStart == .seconds(2))
    }

    @Test func `after the order to stop no second change begins`() async {
        let first = Gate()
        let started = Gate()
        let execution = execution { context in
            try await context.perform("first", facts: [:]) {
                started.open()
                await first.pass()
            }
            try await context.perform("second", facts: [:]) { _ = Issue.record("the second change was made") }
        }
        async let ending = execution.run()
        await started.pass()
        cancellation.cancel(.interrupt)
        await clock.sleepers(1)
        first.open()
        #expect(await ending.name == "cancelled")
        let effects = execution.context.log.state.step("step", of: "job").effects
        #expect(effects.map(\.effect) == ["first"])
    }

    @Test func `a step that watches its deadline has five seconds to explain itself`() async {
        let execution = execution(deadline: .seconds(10)) { context in
            try await context.clock.sleep(for: .seconds(14))
            throw StepFailure(.timedOut, code: "Explained", "still building")
        }
        async let ending = execution.run()
        await clock.sleepers(2)
        clock.advance(by: .seconds(10))
        await clock.sleepers(2)
        clock.advance(by: .seconds(4))
        #expect(await ending.name == "failed Explained")
    }

    @Test func `a step that does not watch its deadline is cut off five seconds after it`() async {
        let execution = execution(deadline: .seconds(10), sleepLong)
        async let ending = execution.run()
        await clock.sleepers(2)
        clock.advance(by: .seconds(10))
        await clock.sleepers(2)
        clock.advance(by: .seconds(5))
        #expect(await ending.name == "deadline passed")
        #expect(clock.now.sinceStart == .seconds(15))
    }

    @Test func `row 42: a machine that slept past the deadline still leaves time for a last look`() async {
        let looked = Gate()
        let execution = execution(deadline: .seconds(10)) { context in
            try await context.clock.sleep(for: .seconds(2))
            try await context.clock.sleep(for: .milliseconds(200))
            looked.open()
        }
        async let ending = execution.run()
        await clock.sleepers(2)
        clock.advance(by: .seconds(7200))
        await clock.sleepers(2)
        clock.advance(by: .milliseconds(200))
        await looked.pass()
        #expect(await ending.name == "done")
    }

    @Test func `a change on its way at the end of the time is waited for as well`() async {
        let execution = execution(deadline: .seconds(10)) { context in
            try await context.perform("create", facts: [:]) { try await context.clock.sleep(for: .seconds(16)) }
        }
        async let ending = execution.run()
        await clock.sleepers(2)
        clock.advance(by: .seconds(10))
        await clock.sleepers(2)
        clock.advance(by: .seconds(5))
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        #expect(await ending.name == "done")
    }

    @Test func `a step that cleans up does not hear the order, and is cut off at the end of the grace`() async {
        cancellation.cancel(.interrupt)
        let execution = execution(deadline: .seconds(4), cleanUpEnd: .seconds(5), sleepLong)
        async let ending = execution.run()
        await clock.sleepers(2)
        clock.advance(by: .seconds(4))
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        #expect(await ending.name == "deadline passed")
        #expect(clock.now.sinceStart == .seconds(5))
    }
}

extension StepExecution.Ending {
    var name: String {
        switch self {
        case .done: "done"
        case .failed(let failure): "failed \(failure.code)"
        case .suspended(let failure): "suspended \(failure.code)"
        case .cancelled: "cancelled"
        case .deadlinePassed: "deadline passed"
        }
    }
}
