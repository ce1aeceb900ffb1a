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
