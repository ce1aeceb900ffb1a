import Clocks
import TestSupport
import Testing

@testable import Engine

@Suite struct RunCancellationTests {
    let clock = VirtualClock()
    let cancellation = RunCancellation()

    @Test func `the first order counts`() async {
        #expect(cancellation.reason == nil)
        cancellation.cancel(.interrupt)
        cancellation.cancel(.terminate)
        #expect(cancellation.reason == .interrupt)
        #expect(await cancellation.wait() == .signal(.interrupt))
    }

    @Test func `everybody who waits hears it`() async {
        await withTaskGroup(of: RunCancellation.Cause?.self) { group in
            for _ in 0..<50 { group.addTask { await cancellation.wait() } }
            cancellation.cancel(.terminate)
            for await order in group { #expect(order == .signal(.terminate)) }
        }
    }

    @Test func `a wait that is itself cancelled ends without an order`() async {
        await withTaskGroup(of: RunCancellation.Cause?.self) { group in
            for _ in 0..<50 { group.addTask { await cancellation.wait() } }
            group.cancelAll()
            for await order in group { #expect(order == nil) }
        }
    }

    @Test func `a sleep ends by its deadline, by the order, or by the cancellation of its task`() async throws {
        let deadline = MonotonicInstant(sinceStart: .seconds(5))
        async let slept = cancellation.sleep(until: deadline, on: clock)
        await clock.advanceToNextSleeper()
        #expect(try await slept == nil)

        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await cancellation.sleep(until: deadline.advanced(by: .seconds(1)), on: clock)
                }
            }
        }

        async let interrupted = cancellation.sleep(until: deadline.advanced(by: .seconds(1)), on: clock)
        await clock.sleepers(1)
        cancellation.cancel(.interrupt)
        #expect(try await interrupted == .signal(.interrupt))
        #expect(clock.now == deadline)
    }

    @Test func `a job hears the order to the run, and its own stays with it`() async {
        let (stopped, other) = (cancellation.makeChild(), cancellation.makeChild())
        stopped.cancel(.failFast(row: "test (eu)"))
        #expect(stopped.cause == .failFast(row: "test (eu)"))
        #expect(cancellation.cause == nil)
        cancellation.cancel(.interrupt)
        #expect(other.reason == .interrupt)
        #expect(stopped.reason == nil)
        #expect(cancellation.makeChild().reason == .interrupt)
    }
}

@Suite struct CriticalSectionTests {
    let clock = VirtualClock()
    let section = CriticalSection()

    @Test func `an empty section closes at once`() async {
        await section.close(on: clock)
        #expect(throws: CancellationError.self) { try section.enter() }
    }

    @Test func `closing waits for the last one to leave`() async throws {
        try section.enter()
        try section.enter()
        async let closed: Void = section.close(on: clock)
        await clock.sleepers(1)
        section.leave()
        await clock.sleepers(1)
        section.leave()
        await closed
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `closing gives up when the grace is over`() async throws {
        try section.enter()
        async let closed: Void = section.close(on: clock)
        await clock.advanceToNextSleeper()
        await closed
        #expect(clock.now.sinceStart == .seconds(2))
        section.leave()
    }

    @Test func `what is part of something begun may begin after the closing`() async throws {
        try section.enter(for: CriticalSection.sequenceGrace)
        async let closed: Void = section.close(on: clock)
        await clock.sleepers(1)
        try section.enter()
        section.leave()
        section.leave()
        await closed
        #expect(throws: CancellationError.self) { try section.enter() }
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `a place that was kept can be taken after the closing, once`() async throws {
        section.reserve()
        async let closed: Void = section.close(on: clock)
        await clock.sleepers(1)
        try section.enter(for: CriticalSection.sequenceGrace)
        section.leave()
        await closed
        #expect(clock.now.sinceStart == .zero)
        #expect(throws: CancellationError.self) { try section.enter() }
        section.release()
    }

    @Test func `a place that nobody took does not hold up the closing once it is given up`() async throws {
        section.reserve()
        section.release()
        await section.close(on: clock)
        #expect(clock.now.sinceStart == .zero)
        #expect(throws: CancellationError.self) { try section.enter() }
    }

    @Test func `closing grants the longest grace of those inside`() async throws {
        try section.enter(for: .seconds(4))
        try section.enter()
        async let closed: Void = section.close(on: clock)
        await clock.advanceToNextSleeper()
        await closed
        #expect(clock.now.sinceStart == .seconds(4))
        section.leave()
        section.leave()
    }

    @Test func `a cancelled wait ends though somebody is inside`() async throws {
        try section.enter()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await section.close(on: clock) }
            await clock.sleepers(1)
            group.cancelAll()
        }
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `a task that is cancelled before it waits does not wait`() async throws {
        try section.enter()
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { await section.close(on: clock) }
        }
    }

    @Test func `many may close at the same time`() async throws {
        try section.enter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { await section.close(on: clock) } }
            await clock.sleepers(20)
            section.leave()
        }
    }
}
