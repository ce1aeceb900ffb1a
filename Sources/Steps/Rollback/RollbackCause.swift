/// How the steps ended that decide whether a deploy is rolled back: their output `result`.
package enum WaitResult: String, Sendable, CaseIterable {
    case deployed, failed, superseded, mismatch, interrupted, gone, timeout
}

package enum VerifyResult: String, Sendable, CaseIterable {
    case serving, superseded, timeout
    case notServing = "not-serving"
    case commitUnknown = "commit-unknown"
}

package enum SmokeResult: String, Sendable, CaseIterable {
    case passed, failed, superseded, timeout
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
        switch result {
        case .failed where plan.onFailure == .rollback, .interrupted where plan.onFailure == .rollback: self = .failed
        case .mismatch where plan.onFailure == .rollback: self = .mismatch
        case .timeout: self.init(timeoutUnder: plan)
        default: return nil
        }
    }

    package init?(of result: VerifyResult, _ plan: DeployPlan) {
        switch result {
        case .notServing where plan.onFailure == .rollback: self = .notServing
        case .timeout: self.init(timeoutUnder: plan)
        default: return nil
        }
    }

    package init?(of result: SmokeResult, _ plan: DeployPlan) {
        switch result {
        case .failed where plan.onFailure == .rollback: self = .smokeFailed
        case .timeout: self.init(timeoutUnder: plan)
        default: return nil
        }
    }

    /// A deadline is a reason only by `--on-timeout rollback`, in whichever step it passed.
    package init?(timeoutUnder plan: DeployPlan) {
        guard plan.onTimeout == .rollback else { return nil }
        self = .timeout
    }
}
