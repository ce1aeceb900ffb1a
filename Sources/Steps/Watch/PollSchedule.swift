import Clocks
package import ControlPlaneTypes
import Engine

/// When to ask for a revision's status again.
///
/// The first poll follows the request that made the revision at once; each answer that is not terminal gives the wait
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

    /// Throws `StepFailure` (usage) when `fixed` is not a duration; without it the schedule adapts to `pastSeconds`.
    init(fixed: String?, pastSeconds: [Double]) throws {
        guard let fixed else {
            // What is no duration of a deploy is left out below; a number that is none at all cannot be one.
            self.init(history: DurationHistory(pastSeconds.filter { (0...86_400).contains($0) }.map { .seconds($0) }))
            return
        }
        guard let interval = Duration(text: fixed), interval > .zero else {
            throw StepFailure(
                .usage, code: "InvalidPollInterval", "invalid interval between polls '\(fixed)'",
                hint: "write --poll-interval as 500ms, \(Duration.spellings)")
        }
        self.init(fixed: interval)
    }

    /// From 0.25 s to 15 s, or the fixed interval.
    ///
    /// - Parameters:
    ///   - age: time since the revision was made.
    ///   - timeInPhase: time since a poll first found it in the `RolloutPhase` of `status`.
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

    /// The wait while a `DeploymentSweep` sees when the revision is live: what it cannot see is a failure. At least 30 s
    /// and at most 3 min; nil for a fixed interval.
    ///
    /// - Parameter age: time since the revision was made.
    func sweptWait(age: Duration) -> Duration? {
        guard case .adaptive(let history) = mode else { return nil }
        let age = max(0, age.seconds)
        let due = history.isEmpty ? max(60, age) : history.typical * 1.1 - age
        return .seconds(min(180, max(30, due, age / 2)))
    }

    var isFixed: Bool { if case .fixed = mode { true } else { false } }
}

/// What a revision's status says about its end: not yet possible, next, or nothing.
package enum RolloutPhase: Hashable, Sendable {
    /// Up to the end of the build: only a failure can end the wait here.
    case building
    /// From AWAITING_DEPLOY on: DEPLOYED comes next.
    case deploying
    /// INTERRUPTED, UNKNOWN and statuses of newer planes: anything may come next.
    case unclear

    package init(_ status: RevisionStatus) {
        switch status {
        case .creating, .queued, .awaitingBuild, .building: self = .building
        case .awaitingDeploy, .deploying: self = .deploying
        default: self = .unclear
        }
    }
}

/// The wait that makes the requests and the time that an end stays unseen cheapest together; all times in seconds.
struct AdaptiveWait: Sendable {
    let history: DurationHistory

    /// What a request costs, in time that an end stays unseen: the one knob between requests and lag. 0.0165 s brings
    /// both under 60 requests and 0.6 s for a deployment whose past durations are known to within 10 %.
    private static let price = 0.0165
    private static let shortest = 0.25
    /// DEPLOYED may come next, but not soon.
    private static let longestInDeploy = 10.0
    private static let longestInBuild = 15.0
    /// Nothing has shown yet that this deployment builds at all.
    private static let longestInFirstBuild = 12.0
    /// Nothing is known of what comes next.
    private static let longestWhenUnclear = 5.0

    func seconds(in phase: RolloutPhase, age: Double, timeInPhase: Double) -> Double {
        let wait =
            switch phase {
            case .building: buildWait(at: age)
            case .deploying: deployWait(at: age, firstSeenAt: max(0, age - timeInPhase))
            case .unclear:
                EndForecast(history: history).wait(after: age, price: Self.price, longest: Self.longestWhenUnclear)
            }
        return max(Self.shortest, min(wait, ramp(at: age)))
    }

    /// Nothing but a failure and the start of the deploy phase can be missed. That phase is some two sevenths of the
    /// total, so an eighth of it is soon enough to see it begin.
    private func buildWait(at age: Double) -> Double {
        history.isEmpty ? Self.longestInFirstBuild : min(Self.longestInBuild, max(history.typical, age) / 8)
    }

    /// The phase began between two polls of the build.
    private func deployWait(at age: Double, firstSeenAt seen: Double) -> Double {
        let builtAt = max(0, seen - min(buildWait(at: seen), ramp(at: seen)) / 2)
        return EndForecast(history: history, builtAt: builtAt)
            .wait(after: age, price: Self.price, longest: Self.longestInDeploy)
    }

    /// Early polls follow each other fast, for a plane that is done, or refuses, at once: a wait is never out of
    /// proportion to the age.
    private func ramp(at age: Double) -> Double {
        history.isEmpty ? max(Self.shortest, age) : max(1, 3 * age)
    }
}
