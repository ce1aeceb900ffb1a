import Clocks
import Foundation

@testable import LocalControlPlane

/// The real clock, until a test has seen what it waited for and makes an hour pass at once.
struct HurriedClock: RunClock {
    private let base = SystemClock()
    private let hour = Latch<Void>()

    var now: MonotonicInstant { hour.current == nil ? base.now : base.now.advanced(by: .seconds(3600)) }
    var date: Date { base.date }

    func anHourPasses() {
        hour.open(with: ())
    }

    func sleep(until deadline: MonotonicInstant) async throws {
        guard hour.current == nil else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await base.sleep(until: deadline) }
            group.addTask { try await hour.value() }
            try await group.next()
        }
    }
}
