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

    package func redacted(by mask: SecretMask) -> StepFailure {
        StepFailure(
            verdict, code: code, mask.redact(message), hint: hint.map(mask.redact),
            details: details.map(mask.redact))
    }
}
