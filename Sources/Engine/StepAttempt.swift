import Clocks
import WorkflowModel

/// Prepares one try of a step, runs it and records how it went.
struct StepAttempt: Sendable {
    /// What bounds the step from outside.
    struct Limits: Sendable {
        var jobDeadline: MonotonicInstant?
        var cancelledAt: MonotonicInstant?
    }

    let job: Job
    let definition: StepDefinition
    let attempt: Int
    let type: StepType?
    let evaluator: Evaluator
    let limits: Limits
    let log: EventLog
    let clock: any RunClock
    let cancellation: RunCancellation
    let closingFacts: @Sendable () -> [RunEvent.Payload]

    func run() async {
        let start = clock.now
        log.append(
            .stepStarted(
                StepStarted(
                    job: job.id, step: definition.id, name: definition.name, uses: definition.uses, attempt: attempt)))
        let ending = await perform(from: start)
        for fact in closingFacts() { log.append(fact) }
        record(ending, milliseconds: start.duration(to: clock.now).milliseconds)
    }

    private func perform(from start: MonotonicInstant) async -> StepExecution.Ending {
        do {
            let (step, context) = try prepare(from: start)
            return await StepExecution(
                step: step, context: context, cancellation: cancellation,
                ignoresCancellation: limits.cancelledAt != nil
            ).run()
        } catch let failure as StepFailure {
            return .failed(failure)
        } catch {
            return .failed(StepFailure(.invalidWorkflow, code: "InvalidExpression", "\(error)"))
        }
    }

    private func prepare(from start: MonotonicInstant) throws -> (any Step, StepContext) {
        guard let type else {
            throw StepFailure(.invalidWorkflow, code: "UnknownStepType", "no step type is named '\(definition.uses)'")
        }
        var values: [String: Value] = [:]
        for (name, expression) in definition.with { values[name] = try evaluate(expression, for: "with.\(name)") }
        let inputs = try StepInputs(values, for: type.signature)
        let context = StepContext(
            job: job.id, step: definition.id, attempt: attempt, inputs: inputs, clock: clock,
            deadline: try deadline(from: start), earlier: log.state.step(definition.id, of: job.id), log: log,
            criticalSection: CriticalSection())
        return (try type.make(inputs), context)
    }

    private func evaluate(_ expression: Expression, for place: String) throws -> Value {
        do {
            return try evaluator.evaluate(expression)
        } catch {
            throw StepFailure(.invalidWorkflow, code: "InvalidExpression", "\(place): \(error.message)")
        }
    }

    /// The step's own limit, and the job's as long as that has not passed: a step that cleans up after a timeout is
    /// bounded by its own limit alone.
    private func deadline(from start: MonotonicInstant) throws -> MonotonicInstant? {
        if let cancelledAt = limits.cancelledAt { return cancelledAt.advanced(by: WorkflowRunner.cleanUpGrace) }
        var candidates: [MonotonicInstant] = []
        if let jobDeadline = limits.jobDeadline, !definition.condition.mentionsStatus { candidates.append(jobDeadline) }
        if let timeout = definition.timeout {
            let text = try evaluate(timeout, for: "timeout").text
            guard let duration = Duration(text: text) else {
                throw StepFailure(
                    .invalidWorkflow, code: "InvalidTimeout", "timeout: '\(text)' is no duration",
                    hint: "write it as 90s, 20m or 1h30m")
            }
            candidates.append(start.advanced(by: duration))
        }
        return candidates.min()
    }

    private func record(_ ending: StepExecution.Ending, milliseconds: Int) {
        let failure = failure(of: ending)
        let isCancelled = if case .cancelled = ending { true } else { false }
        let result = isCancelled ? Outcome.cancellation : failure?.verdict.outcome ?? .success
        let mayRetry = failure != nil && !isCancelled && attempt < (definition.retry?.attempts ?? 1)
            && cancellation.reason == nil
        log.append(
            .stepFinished(
                StepFinished(
                    job: job.id, step: definition.id, attempt: attempt, result: result,
                    durationMilliseconds: milliseconds, failure: failure, name: definition.name, uses: definition.uses,
                    willRetry: mayRetry,
                    isTolerated: definition.continueOnError)))
    }

    private func failure(of ending: StepExecution.Ending) -> StepFailure? {
        switch ending {
        case .done: nil
        case .failed(let failure): failure
        case .deadlinePassed:
            StepFailure(
                .timedOut, code: "StepTimeout", "step '\(definition.id)' was not done when its time was over",
                hint: "give it more time with --timeout")
        case .cancelled:
            StepFailure(
                cancellation.reason?.verdict ?? .terminated, code: "Cancelled",
                "told to stop" + (cancellation.reason.map { " by \($0.rawValue)" } ?? ""))
        }
    }
}
