import Clocks
import TestSupport
import Testing

@testable import Engine

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
