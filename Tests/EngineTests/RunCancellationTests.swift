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
