import Clocks
import Steps
import TestSupport

/// Our schedule as policies that the simulation can run.
extension PollPolicy {
    static let known = adaptive(name: "slipway, durations known") { $0.pastDurations }
    static let unknown = adaptive(name: "slipway, durations unknown") { _ in [] }

    private static func adaptive(
        name: String, history: @escaping @Sendable (SimulatedRollout) -> [Double]
    ) -> PollPolicy {
        PollPolicy(name: name) { rollout in
            let schedule = PollSchedule(history: DurationHistory(history(rollout).map { .seconds($0) }))
            return { look in
                guard look.number > 0 else { return 0 }
                return schedule.wait(
                    after: look.status, age: .seconds(look.age), timeInPhase: .seconds(look.timeInPhase)
                ).seconds
            }
        }
    }
}
