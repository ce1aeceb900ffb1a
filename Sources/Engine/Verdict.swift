/// The verdict of a run, with its exit code.
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

    /// For people, such as `timed out`.
    package var words: String {
        rawValue.reduce(into: "") { words, character in
            if character.isUppercase { words += " " }
            words += character.lowercased()
        }
    }

    package var meaning: String {
        switch self {
        case .success: "success, or this commit is already live"
        case .failed: "failed: not live; the previous revision stays live or was restored"
        case .changesPending: "with --detailed-exitcode only: something would change, or drifted"
        case .rollbackFailed: "failed, and the rollback failed too: manual intervention required"
        case .superseded: "superseded by a newer revision"
        case .commitMismatch: "commit mismatch: the control plane built a different commit"
        case .usage: "usage error, or repository not ready"
        case .invalidWorkflow: "invalid workflow file or .slipway.yml"
        case .unreachable: "control plane unreachable after retries"
        case .internalError: "internal error: a bug in slipway"
        case .reportNotWritten: "a report could not be written"
        case .busy: "locked or busy: retry later"
        case .notAuthorised: "not authorised"
        case .configurationMissing: "configuration missing"
        case .timedOut: "timed out: the state is unknown, the deploy may still complete"
        case .interrupted: "cancelled (SIGINT)"
        case .terminated: "cancelled (SIGTERM)"
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

/// The outcome of a step, job or run, in OpenTelemetry's words for CI/CD results.
package enum Outcome: String, Codable, Sendable, CaseIterable {
    case success
    /// The check or the work failed.
    case failure
    /// The result could not be determined.
    case error
    case timeout
    case cancellation
    case skip

    /// The word in expressions, as in GitHub Actions.
    package var expressionWord: String {
        switch self {
        case .success: "success"
        case .failure, .error, .timeout: "failure"
        case .cancellation: "cancelled"
        case .skip: "skipped"
        }
    }

    /// Whether later steps are skipped unless their condition checks the status.
    package var stopsJob: Bool {
        self != .success && self != .skip
    }

    /// Whether it failed other than by cancellation.
    var isFailure: Bool {
        stopsJob && self != .cancellation
    }
}
