import Clocks
package import Redaction
import WorkflowModel

/// What a step throws when it does not succeed: the verdict, and for people what failed and what to do next.
package struct StepFailure: Error, Codable, Sendable, Equatable {
    package var verdict: Verdict
    /// An UpperCamel identifier such as `BuildFailed`; JUnit's `type` and the JSON report's `error.code`.
    package var code: String
    /// One line: what failed, with which value, where.
    package var message: String
    /// The next action.
    package var hint: String?
    /// More lines for people: the last log lines, both errors of a failed rollback.
    package var details: [String]

    package init(
        _ verdict: Verdict, code: String, _ message: String, hint: String? = nil, details: [String] = []
    ) {
        self.verdict = verdict
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details
    }

    package func redacted(by redactor: Redactor) -> StepFailure {
        StepFailure(
            verdict, code: code, redactor.redact(message), hint: hint.map(redactor.redact),
            details: details.map(redactor.redact))
    }
}

extension Evaluator {
    /// Throws `StepFailure` naming `place` when the expression has no value.
    func value(of expression: Expression, for place: String) throws -> Value {
        do {
            return try evaluate(expression)
        } catch {
            throw StepFailure(.invalidWorkflow, code: "InvalidExpression", "\(place): \(error.message)")
        }
    }

    /// A `timeout`; throws `StepFailure` when it has no value or is no duration.
    func timeout(_ expression: Expression) throws -> Duration {
        let text = try value(of: expression, for: "timeout").text
        guard let duration = Duration(text: text) else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidTimeout", "timeout: '\(text)' is no duration",
                hint: "write it as \(Duration.spellings)")
        }
        return duration
    }
}

extension StepFailure {
    /// An error that nobody expected. `CancellationError` must not get here.
    static func unexpected(_ error: any Error) -> StepFailure {
        StepFailure(
            .internalError, code: "UnexpectedError", "\(error)",
            hint: "this is a bug in slipway: please report it with the journal of this run")
    }
}
