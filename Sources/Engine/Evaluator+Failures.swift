import Clocks
import WorkflowModel

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
