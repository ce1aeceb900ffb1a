import Clocks
package import ControlPlaneTypes

/// When to ask for a revision's status again.
///
/// The first look follows the request that made the revision at once; each answer that is not terminal gives the wait
/// before the next. docs/polling.md has the model, and what it costs.
package struct PollSchedule: Sendable {
    private enum Mode {
        case fixed(Duration)
        case adaptive(DurationHistory)
    }

    private let mode: Mode

    package init(history: DurationHistory = DurationHistory()) {
        mode = .adaptive(history)
    }

    /// The same wait always, but at least a tenth of a second.
    package init(fixed interval: Duration) {
        mode = .fixed(max(interval, .milliseconds(100)))
    }

    /// From 0.25 s to 15 s, or the fixed interval.
    ///
    /// - Parameters:
    ///   - age: time since the revision was made.
    ///   - timeInPhase: time since a look first found it in the `RolloutPhase` of `status`.
    package func wait(after status: RevisionStatus, age: Duration, timeInPhase: Duration) -> Duration {
        switch mode {
        case .fixed(let interval):
            interval
        case .adaptive(let history):
            .seconds(
                AdaptiveWait(history: history).seconds(
                    in: RolloutPhase(status), age: max(0, age.seconds), timeInPhase: max(0, timeInPhase.seconds)))
        }
    }
}
