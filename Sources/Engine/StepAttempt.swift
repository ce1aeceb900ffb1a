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

    let job: PlannedJob
    let definition: StepDefinition
    let attempt: Int
    let type: StepType?
    let contexts: ContextBuilder
    let standing: RunStanding
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
        let state = log.state
        let variables = contexts.variables(of: job, step: definition, in: state)
        if let failure = variables.failure { throw failure }
        let evaluator = contexts.evaluator(for: job, step: definition, standing: standing) { state }
        let inputs = try inputs(of: type, evaluator, contexts.secretEvaluator(for: job, variables, in: state))
        var context = StepContext(
            job: job.id, step: definition.id, attempt: attempt, inputs: inputs, clock: clock,
            deadline: try deadline(from: start, evaluator), earlier: state.step(definition.id, of: job.id), log: log,
            criticalSection: CriticalSection())
        context.environment = variables.texts
        context.workingDirectory = try definition.workingDirectory.map {
            try evaluator.value(of: $0, for: "working-directory").text
        }
        return (try type.make(inputs), context)
    }

    /// Only inputs that are declared secret may look at secrets.
    private func inputs(
        of type: StepType, _ evaluator: Evaluator, _ secretEvaluator: Evaluator
    ) throws -> StepInputs {
        let secretNames = Set(type.signature.inputs.filter(\.isSecret).map(\.name))
        var values: [String: Value] = [:]
        for (name, expression) in definition.with {
            let evaluator = secretNames.contains(name) ? secretEvaluator : evaluator
            values[name] = try evaluator.value(of: expression, for: "with.\(name)")
        }
        return try StepInputs(values, for: type.signature)
    }

    /// The first of the step's own limit, the job's, and what is left to clean up in.
    private func deadline(from start: MonotonicInstant, _ evaluator: Evaluator) throws -> MonotonicInstant? {
        let own = try definition.timeout.map { start.advanced(by: try evaluator.timeout($0)) }
        return [own, jobDeadline, limits.cleanUpDeadline].compactMap(\.self).min()
    }

    /// The job's limit, as long as nothing went wrong: a step that cleans up after a timeout is bounded by its own limit
    /// alone.
    private var jobDeadline: MonotonicInstant? {
        standing == .succeeding ? limits.jobDeadline : nil
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
            let trigger = RetryPolicy.Trigger(rawValue: failure.verdict.outcome.rawValue),
            retry.triggers.contains(trigger), cancellation.order == nil
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
        case .cancelled: cancelled
        }
    }

    private var cancelled: StepFailure {
        switch cancellation.order {
        case .signal(let reason):
            StepFailure(reason.verdict, code: "Cancelled", "told to stop by \(reason.rawValue)")
        case .failFast(let row):
            StepFailure(
                .failed, code: "Cancelled", "told to stop because '\(row)' failed",
                hint: "set fail-fast: false in strategy to let the other rows go on")
        case nil: StepFailure(.terminated, code: "Cancelled", "told to stop")
        }
    }
}
