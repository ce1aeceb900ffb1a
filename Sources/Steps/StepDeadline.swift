import Clocks
import Engine

/// Races a piece of work of a step against the step's deadline; for work that has no deadline of its own.
///
/// Throws `StepFailure` when the time is over, after the work was cancelled and has ended.
func withDeadline<Answer: Sendable>(
    of context: StepContext, _ work: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    guard let deadline = context.deadline else { return try await work() }
    return try await withThrowingTaskGroup(of: Answer.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await context.clock.sleep(until: deadline)
            throw StepFailure(
                .timedOut, code: "StepTimeout", "step '\(context.step)' was not done when its time was over",
                hint: "give it more time with timeout")
        }
        defer { group.cancelAll() }
        guard let answer = try await group.next() else { throw CancellationError() }
        return answer
    }
}
