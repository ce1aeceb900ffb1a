package import ControlPlaneTypes

/// How the steps ended that decide whether a deploy is rolled back: their output `result`.
package enum WaitResult: String, Sendable, CaseIterable {
    case deployed, failed, superseded, mismatch, interrupted, gone, timeout
}

package enum VerifyResult: String, Sendable, CaseIterable {
    case serving, superseded
    case notServing = "not-serving"
    case commitUnknown = "commit-unknown"
}

package enum SmokeResult: String, Sendable, CaseIterable {
    case passed, failed
}

/// Why a deploy is rolled back: a pure decision over the result of a step and the policy in the plan. Only what this
/// run did is rolled back, and only when it is known to have gone wrong.
package enum RollbackCause: String, Sendable, CaseIterable {
    case failed
    case mismatch
    case notServing = "not-serving"
    case smokeFailed = "smoke-failed"
    case timeout

    /// Nil when nothing has to be rolled back.
    package init?(of result: WaitResult, _ plan: DeployPlan) {
        let cause: (RollbackCause, isWanted: Bool)? =
            switch result {
            case .failed, .interrupted: (.failed, plan.onFailure == .rollback)
            case .mismatch: (.mismatch, plan.onFailure == .rollback)
            case .timeout: (.timeout, plan.onTimeout == .rollback)
            case .deployed, .superseded, .gone: nil
            }
        guard let cause, cause.isWanted else { return nil }
        self = cause.0
    }

    package init?(of result: VerifyResult, _ plan: DeployPlan) {
        guard result == .notServing, plan.onFailure == .rollback else { return nil }
        self = .notServing
    }

    package init?(of result: SmokeResult, _ plan: DeployPlan) {
        guard result == .failed, plan.onFailure == .rollback else { return nil }
        self = .smokeFailed
    }
}

/// Whether to roll back, and to what: a pure decision.
package enum RollbackDecision: Sendable, Equatable {
    case redeploy(RevisionID)
    case leave(reason: String)

    /// What is known when the deploy has failed.
    package struct Situation: Sendable {
        package var ours: RevisionID?
        /// What was live before the run changed anything.
        package var previous: RevisionID?
        package var activeNow: RevisionID?
        /// Newer revisions of other deploys that are in progress.
        package var newerUnderWay: [RevisionID]

        package init(
            ours: RevisionID?, previous: RevisionID?, activeNow: RevisionID?, newerUnderWay: [RevisionID] = []
        ) {
            self.ours = ours
            self.previous = previous
            self.activeNow = activeNow
            self.newerUnderWay = newerUnderWay
        }
    }

    package static func decide(_ situation: Situation) -> RollbackDecision {
        if let newer = situation.newerUnderWay.first {
            return .leave(reason: "revision \(newer) of another deploy is in progress and will replace it")
        }
        if let active = situation.activeNow, active != situation.previous, active != situation.ours {
            return .leave(reason: "revision \(active) of another deploy went live meanwhile")
        }
        guard let previous = situation.previous else {
            return .leave(reason: "no revision was live before this one, so there is none to roll back to")
        }
        return .redeploy(previous)
    }
}
