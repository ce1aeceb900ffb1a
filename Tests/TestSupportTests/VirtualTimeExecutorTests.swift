import Clocks
import ControlPlane
import TestSupport
import Testing

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
