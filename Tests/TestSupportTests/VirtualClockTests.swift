import Clocks
import ControlPlane
import FoundationEssentials
import TestSupport
import Testing

@Suite struct VirtualClockTests {
    let clock = VirtualClock()

    @Test func `time stands still until it is moved`() {
        let (now, date) = (clock.now, clock.date)
        #expect(clock.now == now)
        clock.advance(by: .seconds(90))
        #expect(now.duration(to: clock.now) == .seconds(90))
        #expect(clock.date.timeIntervalSince(date) == 90)
    }

    @Test func `a sleeper wakes when its time has come and not before`() async throws {
        async let sleep: Void = clock.sleep(for: .seconds(3))
        await clock.sleepers(1)
        clock.advance(by: .seconds(2))
        await clock.sleepers(1)
        clock.advance(by: .seconds(1))
        try await sleep
        #expect(clock.now.sinceStart == .seconds(3))
    }

    @Test func `a time that has passed is no reason to sleep`() async throws {
        try await clock.sleep(for: .zero)
        try await clock.sleep(for: .seconds(-1))
    }

    @Test func `time jumps from sleeper to sleeper`() async throws {
        try await withThrowingTaskGroup { group in
            for seconds in [5, 1, 3] {
                group.addTask { [clock] in try await clock.sleep(for: .seconds(seconds)) }
            }
            await clock.sleepers(3)
            #expect(await clock.advanceToNextSleeper() == .seconds(1))
            #expect(await clock.advanceToNextSleeper() == .seconds(2))
            #expect(await clock.advanceToNextSleeper() == .seconds(2))
            try await group.waitForAll()
        }
    }

    @Test func `cancelling wakes a sleeper at once, and prevents a sleep`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { [clock] in
                    await #expect(throws: CancellationError.self) { try await clock.sleep(for: .seconds(1)) }
                }
            }
            await clock.sleepers(10)
            group.cancelAll()
        }
    }

    @Test func `an automatic clock runs through three hours in no time`() async throws {
        let clock = VirtualClock(automatic: true)
        for _ in 0..<1080 { try await clock.sleep(for: .seconds(10)) }
        #expect(clock.now.sinceStart == .seconds(10_800))
    }
}

@Suite struct VirtualTimeExecutorTests {
    let clock = VirtualClock()

    @Test func `sleepers wake in the order of their deadlines, and time stands still while they work`() async throws {
        let seen = Locked<[Int]>([])
        await VirtualTimeExecutor.run(on: clock) {
            await withTaskGroup(of: Void.self) { group in
                for seconds in [3, 1, 2] {
                    group.addTask {
                        try? await clock.sleep(for: .seconds(seconds))
                        for _ in 0..<20 { await Task.yield() }
                        seen.withLock { $0.append(Int(clock.now.sinceStart.seconds)) }
                    }
                }
            }
        }
        #expect(seen.withLock { $0 } == [1, 2, 3])
    }

    @Test func `a sleep that is cancelled does not move time`() async throws {
        await VirtualTimeExecutor.run(on: clock) {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { await isCancelled(sleeping: .seconds(3600)) }
                group.addTask { await isCancelled(sleeping: .seconds(5)) }
                let first = await group.next()
                group.cancelAll()
                let second = await group.next()
                #expect(first == false && second == true)
            }
        }
        #expect(clock.now.sinceStart == .seconds(5))
    }

    private func isCancelled(sleeping duration: Duration) async -> Bool {
        do {
            try await clock.sleep(for: duration)
            return false
        } catch {
            return true
        }
    }
}
