import Clocks
import WorkflowModel

/// Prepares one try of a step, runs it and records how it went.
struct StepAttempt: Sendable {
    /// What bounds the step from outside.
    struct Limits: Sendable {
        var jobDeadline: MonotonicInstant?
        /// Set once the order to stop was given: the step cleans up, in what is left of the grace.
        var cancelledAt: MonotonicInstant?

        /// When the step should be done, and has to explain itself if it is not.
        var cleanUpDeadline: MonotonicInstant? {
            cancelledAt?.advanced(by: WorkflowRunner.cleanUpGrace - .seconds(1))
        }

        var cleanUpEnd: MonotonicInstant? { cancelledAt?.advanced(by: WorkflowRunner.cleanUpGrace) }
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
                step: step, context: context, cancellation: cancellation, cleanUpEnd: limits.cleanUpEnd
            ).run()
        } catch let failure as StepFailure {
            return .failed(failure)
        } catch {
            return .failed(.unexpected(error))
        }
    }

    private func prepare(from start: MonotonicInstant) throws -> (any Step, StepContext) {
        guard let type else {
            throw StepFailure(.invalidWorkflow, code: "UnknownStepType", "no step type is named '\(definition.uses)'")
        }
        var values: [String: Value] = [:]
        for (name, expression) in definition.with {
            values[name] = try evaluator.value(of: expression, for: "with.\(name)")
        }
        let inputs = try StepInputs(values, for: type.signature)
        let context = StepContext(
            job: job.id, step: definition.id, attempt: attempt, inputs: inputs, clock: clock,
            deadline: try deadline(from: start), earlier: log.state.step(definition.id, of: job.id), log: log,
            criticalSection: CriticalSection())
        return (try type.make(inputs), context)
    }

    /// The first of the step's own limit, the job's, and what is left to clean up in.
    private func deadline(from start: MonotonicInstant) throws -> MonotonicInstant? {
        let own = try definition.timeout.map { start.advanced(by: try evaluator.timeout($0)) }
        return [own, jobDeadline, limits.cleanUpDeadline].compactMap(\.self).min()
    }

    /// The job's limit, as long as nothing went wrong: a step that cleans up after a timeout is bounded by its own limit
    /// alone.
    private var jobDeadline: MonotonicInstant? {
        evaluator.standing == .succeeding ? limits.jobDeadline : nil
    }

    private func record(_ ending: StepExecution.Ending, milliseconds: Int) {
        let failure = failure(of: ending)
        let isCancelled = if case .cancelled = ending { true } else { false }
        log.append(
            .stepFinished(
                StepFinished(
                    job: job.id, step: definition.id, attempt: attempt,
                    result: isCancelled ? .cancellation : failure?.verdict.outcome ?? .success,
                    durationMilliseconds: milliseconds, failure: failure, name: definition.name, uses: definition.uses,
                    willRetry: !isCancelled && failure.map(mayRetry) ?? false,
                    isTolerated: definition.continueOnError)))
    }

    /// Another try must be allowed, have a chance, and begin before the time is over.
    private func mayRetry(after failure: StepFailure) -> Bool {
        guard let retry = definition.retry, attempt < retry.attempts, failure.verdict != .invalidWorkflow,
            cancellation.reason == nil
        else { return false }
        return jobDeadline.map { clock.now.advanced(by: retry.pause(after: attempt)) < $0 } ?? true
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
