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

    /// The phase began somewhere between two looks of the build.
    private func deployWait(at age: Double, firstSeenAt seen: Double) -> Double {
        let builtAt = max(0, seen - min(buildWait(at: seen), ramp(at: seen)) / 2)
        return EndForecast(history: history, builtAt: builtAt)
            .wait(after: age, price: Self.price, longest: Self.longestInDeploy)
    }

    /// Early looks follow each other fast, for a plane that is done, or refuses, at once: a wait is never out of
    /// proportion to the age.
    private func ramp(at age: Double) -> Double {
        history.isEmpty ? max(Self.shortest, age) : max(1, 3 * age)
    }
}
