import Clocks
import WorkflowModel

/// Prepares one try of a step, runs it and records how it went.
struct StepAttempt: Sendable {
    /// What bounds the step from outside.
    struct Limits: Sendable {
        var jobDeadline: MonotonicInstant?
        /// Set once the order to stop was given: the step cleans up, in what is left of the grace.
        var cancelledAt: MonotonicInstant?
        /// The locks that are held while the step runs.
        var heldLocks: Set<String> = []
        /// The order to stop the run, which other rows cannot give; nil where only this run's own is heard.
        var runOrder: RunCancellation?

        /// When the step should be done, and has to explain itself if it is not.
        var cleanUpDeadline: MonotonicInstant? {
            cancelledAt?.advanced(by: WorkflowRunner.cleanUpGrace - .seconds(1))
        }

        var cleanUpEnd: MonotonicInstant? { cancelledAt?.advanced(by: WorkflowRunner.cleanUpGrace) }
    }

    let job: PlannedJob
    let definition: StepDefinition
    let attempt: Int
    let environment: RunEnvironment
    let contexts: ContextBuilder
    let status: RunStatus
    let limits: Limits
    let log: EventLog
    let cancellation: RunCancellation

    private var clock: any RunClock { environment.clock }

    func run() async {
        let start = clock.now
        let earlier = log.state.step(definition.id, of: job.id)
        let name = contexts.name(of: definition, in: job, status: status) { [log] in log.state }
        log.append(
            StepStarted(job: job.id, step: definition.id, name: name, uses: definition.uses, attempt: attempt))
        let ending = await perform(from: start, earlier)
        for fact in environment.closingEvents() { log.append(fact) }
        record(ending, named: name, milliseconds: start.duration(to: clock.now).milliseconds)
    }

    private func perform(from start: MonotonicInstant, _ earlier: StepRecord) async -> StepExecution.Ending {
        do {
            guard let type = environment.registry[definition.uses] else { throw unknownType }
            let (inputs, context) = try prepare(type, from: start, earlier)
            switch type.work {
            case .step(let make):
                return await StepExecution(
                    step: try make(inputs), context: context, cancellation: cancellation,
                    cleanUpEnd: limits.cleanUpEnd
                ).run()
            case .workflow(let used): return try await run(used, inputs, context)
            }
        } catch let failure as StepFailure {
            return .failed(failure)
        } catch {
            return .failed(.unexpected(error))
        }
    }

    /// The jobs of the workflow have their own limits and hear the order to stop themselves.
    private func run(
        _ used: ReusableWorkflow, _ inputs: StepInputs, _ context: StepContext
    ) async throws -> StepExecution.Ending {
        if limits.cancelledAt == nil, cancellation.order != nil { return .cancelled }
        let nested = NestedRun(
            used: used,
            path: job.id.step(definition.id, generation: context.previousAttempts.generation),
            environment: environment,
            bounds: RunBounds(
                deadline: context.deadline, cancelledAt: limits.cancelledAt, heldLocks: limits.heldLocks,
                runOrder: limits.cancelledAt == nil ? limits.runOrder : nil),
            log: log, cancellation: limits.cancelledAt == nil ? cancellation : RunCancellation())
        let (outputs, ending) = try await nested.run(inputs: inputs.given)
        for (name, value) in outputs.sorted(by: { $0.key < $1.key }) { context.output(name, value) }
        return ending
    }

    private var unknownType: StepFailure {
        StepFailure(.invalidWorkflow, code: "UnknownStepType", "no step type is named '\(definition.uses)'")
    }

    private func prepare(
        _ type: StepType, from start: MonotonicInstant, _ earlier: StepRecord
    ) throws -> (StepInputs, StepContext) {
        let state = log.state
        let variables = contexts.variables(of: job, step: definition, in: state)
        if let failure = variables.failure { throw failure }
        let evaluator = contexts.evaluator(for: job, step: definition, status: status) { state }
        let inputs = try inputs(of: type, evaluator, contexts.secretEvaluator(for: job, variables, in: state))
        var context = StepContext(
            job: job.id, step: definition.id, attempt: attempt, inputs: inputs, clock: clock,
            deadline: try deadline(from: start, evaluator), previousAttempts: earlier,
            durableOutputs: Set(type.signature.outputs.filter(\.isDurable).map(\.name)), log: log,
            criticalSection: CriticalSection())
        context.environment = variables.texts
        context.workingDirectory = try definition.workingDirectory.map {
            try evaluator.value(of: $0, for: "working-directory").text
        }
        return (inputs, context)
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
        status == .succeeding ? limits.jobDeadline : nil
    }

    private func record(_ ending: StepExecution.Ending, named name: String, milliseconds: Int) {
        let failure = failure(of: ending)
        let isCancelled = if case .cancelled = ending { true } else { false }
        log.append(
            StepFinished(
                job: job.id, step: definition.id, attempt: attempt,
                result: isCancelled ? .cancellation : failure?.verdict.outcome ?? .success,
                durationMilliseconds: milliseconds, failure: failure, name: name, uses: definition.uses,
                willRetry: !isCancelled && failure.map(mayRetry) ?? false,
                isTolerated: definition.continueOnError))
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
