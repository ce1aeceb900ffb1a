package import Engine
import FoundationEssentials

/// The three waits that every revision's statuses fall into.
package enum DeployPhase: String, CaseIterable, Sendable {
    case queue, build, deploy

    /// Nil for a status that is no wait of its own.
    init?(waitingIn status: String) {
        switch status {
        case "CREATING", "QUEUED", "AWAITING_BUILD": self = .queue
        case "BUILDING": self = .build
        case "AWAITING_DEPLOY", "DEPLOYING": self = .deploy
        default: return nil
        }
    }

    init?(failedWith status: String) {
        switch status {
        case "CREATE_FAILED": self = .queue
        case "BUILD_FAILED": self = .build
        case "DEPLOY_FAILED": self = .deploy
        default: return nil
        }
    }
}

/// How long a revision was in a phase, and how that ended.
package struct PhaseSummary: Sendable, Equatable {
    package var phase: DeployPhase
    package var duration: Duration
    /// `skip` for a phase never seen, nil for one that did not end.
    package var result: Outcome?
}

extension RevisionSummary {
    /// Whether the control plane will not move the revision on.
    package var isSettled: Bool {
        guard let status else { return false }
        return status == "DEPLOYED" || status == "SKIPPED" || DeployPhase(failedWith: status) != nil
    }

    /// All phases in order, whether seen or not.
    package var phases: [PhaseSummary] {
        var times: [DeployPhase: Duration] = [:]
        for wait in waits { times[wait.phase, default: .zero] += wait.duration }
        let current = waits.last?.phase
        return DeployPhase.allCases.map { phase in
            guard let time = times[phase] else { return PhaseSummary(phase: phase, duration: .zero, result: .skip) }
            return PhaseSummary(phase: phase, duration: time, result: phase == current ? lastResult : .success)
        }
    }

    /// A stretch of time that a revision spent in a phase.
    struct Wait {
        var phase: DeployPhase
        var start: Date
        var duration: Duration
    }

    /// The timeline by phases, in order.
    var waits: [Wait] {
        var current: DeployPhase?
        return timeline.compactMap { stay in
            current = DeployPhase(waitingIn: stay.status) ?? DeployPhase(failedWith: stay.status) ?? current
            return current.map {
                Wait(phase: $0, start: stay.enteredAt, duration: isLastWord(stay) ? .zero : stay.duration)
            }
        }
    }

    /// Time after a revision settled is no waiting.
    private func isLastWord(_ stay: StatusPeriod) -> Bool {
        isSettled && stay == timeline.last
    }

    private var lastResult: Outcome? {
        if status == "DEPLOYED" { return .success }
        return isSettled ? .failure : nil
    }
}
