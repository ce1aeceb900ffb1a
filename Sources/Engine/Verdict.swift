/// Why a run ended: the one table of exit codes.
package enum Verdict: String, Codable, Sendable, CaseIterable {
    case success
    case failed
    case changesPending
    case rollbackFailed
    case superseded
    case commitMismatch
    case usage
    case invalidWorkflow
    case unreachable
    case internalError
    case reportNotWritten
    case busy
    case notAuthorised
    case configurationMissing
    case timedOut
    case interrupted
    case terminated

    package var exitCode: Int32 {
        switch self {
        case .success: 0
        case .failed: 1
        case .changesPending: 2
        case .rollbackFailed: 3
        case .superseded: 4
        case .commitMismatch: 5
        case .usage: 64
        case .invalidWorkflow: 65
        case .unreachable: 69
        case .internalError: 70
        case .reportNotWritten: 73
        case .busy: 75
        case .notAuthorised: 77
        case .configurationMissing: 78
        case .timedOut: 124
        case .interrupted: 130
        case .terminated: 143
        }
    }

    package var meaning: String {
        switch self {
        case .success: "success, or this commit is live already"
        case .failed: "failed: the new revision is not live; the old one still serves or was restored"
        case .changesPending: "plan --detailed-exitcode only: something would change"
        case .rollbackFailed: "failed, and the rollback failed too: a person is needed"
        case .superseded: "superseded: a newer revision took the place of this one"
        case .commitMismatch: "commit mismatch: the control plane built another commit than ours"
        case .usage: "usage: a flag, or the state of the repository, has to be put right first"
        case .invalidWorkflow: "invalid workflow file"
        case .unreachable: "control plane not reachable after retries"
        case .internalError: "a bug in slipway"
        case .reportNotWritten: "a report could not be written"
        case .busy: "locked or busy: try again"
        case .notAuthorised: "not authorised"
        case .configurationMissing: "configuration missing"
        case .timedOut: "timed out: the state is unknown, the deploy may go on"
        case .interrupted: "told to stop by SIGINT"
        case .terminated: "told to stop by SIGTERM"
        }
    }

    package var outcome: Outcome {
        switch self {
        case .success, .changesPending: .success
        case .failed, .rollbackFailed, .superseded, .commitMismatch: .failure
        case .usage, .invalidWorkflow, .unreachable, .internalError, .reportNotWritten, .busy, .notAuthorised,
            .configurationMissing:
            .error
        case .timedOut: .timeout
        case .interrupted, .terminated: .cancellation
        }
    }
}

/// How a step, job or run ended, in OpenTelemetry's words for CI/CD results.
package enum Outcome: String, Codable, Sendable, CaseIterable {
    case success
    /// The answer is no.
    case failure
    /// We could not tell.
    case error
    case timeout
    case cancellation
    case skip

    /// The word that expressions see, as GitHub Actions has it.
    package var expressionWord: String {
        switch self {
        case .success: "success"
        case .failure, .error, .timeout: "failure"
        case .cancellation: "cancelled"
        case .skip: "skipped"
        }
    }

    /// Whether steps after this one run only if they ask for it.
    package var stopsJob: Bool {
        self != .success && self != .skip
    }

    /// Whether it went wrong by itself, and was not told to stop.
    var isFailure: Bool {
        stopsJob && self != .cancellation
    }
}
