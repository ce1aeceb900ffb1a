import Clocks
import WorkflowModel

/// Prepares one attempt of a step, runs it and records its result.
struct StepAttempt: Sendable {
    /// The limits of the step from outside.
    struct Limits: Sendable {
        var jobDeadline: MonotonicInstant?
        /// Set after a cancellation: the step is cleanup, in the rest of the grace.
        var cancelledAt: MonotonicInstant?
        /// The locks of the job.
        var locks: JobLocks
        /// The cancellation of the run, which failures of other rows do not affect; nil if only this loop's applies.
        var runCancellation: RunCancellation?
        /// What the steps of the job left running.
        var programs = JobPrograms()

        /// When a cleanup step must be done or fail with an explanation.
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

    /// Runs it to its end; false when it has not ended because the run is suspended.
    func run() async -> Bool {
        let start = clock.now
        let previous = log.state.step(definition.id, of: job.id)
        let name = contexts.name(of: definition, in: job, status: status) { [log] in log.state }
        log.append(
            StepStarted(job: job.id, step: definition.id, name: name, uses: definition.uses, attempt: attempt))
        let ending = await perform(from: start, previous)
        for event in environment.closingEvents() { log.append(event) }
        if case .suspended(let failure) = ending {
            environment.suspension.record(failure.mapTexts(log.redacted))
            return false
        }
        record(ending, named: name, from: start)
        return true
    }

    private func perform(from start: MonotonicInstant, _ previous: StepRecord) async -> StepExecution.Ending {
        do {
            guard let type = environment.registry[definition.uses] else { throw unknownType }
            let (inputs, context) = try prepare(type, from: start, previous)
            switch type.work {
            case .step(let make):
                return await StepExecution(
                    step: try make(inputs), context: context, cancellation: cancellation,
                    cleanUpEnd: limits.cleanUpEnd
                ).run()
            case .workflow(let used): return try await run(used, inputs.given, context)
            case .compiled(let compile):
                return try await run(try await compile(inputs, context), [:], context)
            }
        } catch let failure as StepFailure {
            return .failed(failure)
        } catch let suspended as RunSuspended {
            return .suspended(suspended.failure)
        } catch {
            return .failed(.unexpected(error))
        }
    }

    /// The jobs of the workflow have their own limits and handle a cancellation themselves.
    private func run(
        _ used: ReusableWorkflow, _ inputs: [String: Value], _ context: StepContext
    ) async throws -> StepExecution.Ending {
        if limits.cancelledAt == nil, cancellation.cause != nil { return .cancelled }
        let nested = NestedRun(
            used: used,
            path: job.id.step(definition.id, generation: context.previousAttempts.generation),
            environment: environment,
            bounds: RunBounds(
                deadline: context.deadline, cancelledAt: limits.cancelledAt, heldLocks: limits.locks.names,
                runCancellation: limits.cancelledAt == nil ? limits.runCancellation : nil),
            log: log, cancellation: limits.cancelledAt == nil ? cancellation : RunCancellation())
        let (outputs, ending) = try await nested.run(inputs: inputs)
        for (name, value) in outputs.sorted(by: { $0.key < $1.key }) { context.output(name, value) }
        return ending
    }

    private var unknownType: StepFailure {
        StepFailure(.invalidWorkflow, code: "UnknownStepType", "unknown step type '\(definition.uses)'")
    }

    private func prepare(
        _ type: StepType, from start: MonotonicInstant, _ previous: StepRecord
    ) throws -> (StepInputs, StepContext) {
        let state = log.state
        let variables = contexts.variables(of: job, step: definition, in: state)
        if let failure = variables.failure { throw failure }
        let evaluator = contexts.evaluator(for: job, step: definition, status: status) { state }
        let inputs = try inputs(of: type, evaluator, contexts.secretEvaluator(for: job, variables, in: state))
        var context = StepContext(
            job: job.id, step: definition.id, attempt: attempt, inputs: inputs, clock: clock,
            deadline: try deadline(from: start, evaluator), previousAttempts: previous,
            durableOutputs: Set(type.signature.outputs.filter(\.isDurable).map(\.name)), log: log,
            criticalSection: CriticalSection())
        context.locks = limits.locks
        context.cancellation = cancellation
        context.declaredOutputs = Set(type.signature.outputs.map(\.name))
        context.environment = variables.texts
        context.searchPath = contexts.searchPath(of: job, in: state)
        context.logFile = environment.logFolder.map { folder in
            StepLogFile(folder: folder, job: log.wholePath(of: job.id), step: definition.id, attempt: attempt)
        }
        context.programs = limits.programs
        context.workingDirectory = try definition.workingDirectory.map {
            try evaluator.value(of: $0, for: "working-directory").text
        }
        return (inputs, context)
    }

    /// Only inputs that are declared secret can use secrets.
    private func inputs(
        of type: StepType, _ evaluator: Evaluator, _ secretEvaluator: Evaluator
    ) throws -> StepInputs {
        let secretNames = Set(type.signature.inputs.filter(\.isSecret).map(\.name))
        let typedNames = Set(type.signature.inputs.filter { $0.form?.keepsTypes == true }.map(\.name))
        var values: [String: Value] = [:]
        for (name, expression) in definition.with {
            let evaluator = secretNames.contains(name) ? secretEvaluator : evaluator
            let expression = typedNames.contains(name) ? expression.withTypedScalars : expression
            values[name] = try evaluator.value(of: expression, for: "with.\(name)")
        }
        return try StepInputs(values, for: type.signature)
    }

    /// The earliest of the step's limit, the job's, and the end of the time for cleanup.
    private func deadline(from start: MonotonicInstant, _ evaluator: Evaluator) throws -> MonotonicInstant? {
        let own = try definition.timeout.map { start.advanced(by: try evaluator.timeout($0)) }
        return [own, jobDeadline, limits.cleanUpDeadline].compactMap(\.self).min()
    }

    /// The job's limit as long as nothing failed; a cleanup step after a timeout only has its own limit.
    private var jobDeadline: MonotonicInstant? {
        status == .succeeding ? limits.jobDeadline : nil
    }

    private func record(_ ending: StepExecution.Ending, named name: String, from start: MonotonicInstant) {
        let failure = failure(of: ending, from: start)
        let isCancelled = if case .cancelled = ending { true } else { false }
        let isMomentary = environment.registry[definition.uses]?.signature.isMomentary == true
        log.append(
            StepFinished(
                job: job.id, step: definition.id, attempt: attempt,
                result: isCancelled ? .cancellation : failure?.verdict.outcome ?? .success,
                durationMilliseconds: start.duration(to: clock.now).milliseconds, failure: failure, name: name,
                uses: definition.uses,
                willRetry: !isCancelled && failure.map(mayRetry) ?? false,
                isTolerated: definition.continueOnError, isMomentary: isMomentary ? true : nil))
    }

    /// Whether another attempt is allowed, can succeed, and would start before the deadline.
    private func mayRetry(after failure: StepFailure) -> Bool {
        guard let retry = definition.retry, attempt < retry.attempts, failure.verdict != .invalidWorkflow,
            let trigger = RetryPolicy.Trigger(rawValue: failure.verdict.outcome.rawValue),
            retry.triggers.contains(trigger), cancellation.cause == nil
        else { return false }
        return jobDeadline.map { clock.now.advanced(by: retry.pause(after: attempt)) < $0 } ?? true
    }

    private func failure(of ending: StepExecution.Ending, from start: MonotonicInstant) -> StepFailure? {
        switch ending {
        case .done: nil
        case .failed(let failure), .suspended(let failure): failure
        case .deadlinePassed(let deadline): timedOut(after: start.duration(to: deadline))
        case .cancelled: cancelled
        }
    }

    private func timedOut(after limit: Duration) -> StepFailure {
        StepFailure(
            .timedOut, code: "StepTimeout",
            "step '\(definition.id)' timed out" + (limit > .zero ? " after \(limit.brief)" : " before it started"),
            hint: "raise its timeout, or --timeout")
    }

    private var cancelled: StepFailure {
        switch cancellation.cause {
        case .signal(let reason):
            StepFailure(reason.verdict, code: "Cancelled", "cancelled (\(reason.rawValue))")
        case .failFast(let row):
            StepFailure(
                .failed, code: "Cancelled", "cancelled because '\(row)' failed",
                hint: "set fail-fast: false in strategy to let the other rows continue")
        case nil: StepFailure(.terminated, code: "Cancelled", "cancelled")
        }
    }
}
