import Clocks
package import Redaction
import WorkflowModel

/// The failure of a step: the verdict, what failed and what to do next.
package struct StepFailure: Error, Codable, Sendable, Hashable {
    package var verdict: Verdict
    /// An UpperCamel identifier such as `BuildFailed`; JUnit's `type` and the JSON report's `error.code`.
    package var code: String
    /// One line: what failed, with which value, where.
    package var message: String
    /// The next action.
    package var hint: String?
    /// More lines of explanation: the last log lines, both errors of a failed rollback.
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

    /// Also shortens long lines, such as one of a log, but not before: half a secret would not be found.
    package func redacted(by redactor: Redactor) -> StepFailure {
        mapTexts { redactor.redact($0).cut(toScalars: TextSanitizer.maximumLineLength) }
    }

    func mapTexts(_ change: (String) -> String) -> StepFailure {
        StepFailure(verdict, code: code, change(message), hint: hint.map(change), details: details.map(change))
    }
}

extension Evaluator {
    /// Throws `StepFailure` naming `field` if the expression cannot be evaluated.
    func value(of expression: Expression, for field: String) throws -> Value {
        do {
            return try evaluate(expression)
        } catch {
            throw StepFailure(error, in: field)
        }
    }

    /// The duration of a `timeout`; throws `StepFailure` if it is invalid.
    func timeout(_ expression: Expression) throws -> Duration {
        let text = try value(of: expression, for: "timeout").text
        guard let duration = Duration(text: text) else {
            throw StepFailure(
                .invalidWorkflow, code: "InvalidTimeout", "invalid timeout: '\(text)'",
                hint: "write it as \(Duration.spellings)")
        }
        return duration
    }
}

extension StepFailure {
    /// The failure for an expression that cannot be evaluated. A value that was lost with an earlier process is no
    /// mistake of the workflow file.
    init(
        _ error: ExpressionError, in field: String, code: String = "InvalidExpression", hint: String? = nil
    ) {
        if error.isWithheld {
            self.init(.usage, code: "ValueNotInJournal", "\(field): \(error.message)", hint: "start a new run")
        } else {
            self.init(.invalidWorkflow, code: code, "\(field): \(error.message)", hint: hint)
        }
    }

    /// The failure for an unexpected error; never for `CancellationError`.
    package static func unexpected(_ error: any Error) -> StepFailure {
        StepFailure(
            .internalError, code: "UnexpectedError", "\(error)",
            hint: "report this bug in slipway with the journal of the run")
    }
}
