package import Clocks
package import WorkflowModel

/// Performs what the scheduler decides, until the run is over. All it learns goes into the event log.
package struct WorkflowRunner: Sendable {
    /// How long steps that clean up after an order to stop may take, all together (docs/failures.md, row 36).
    static let cleanUpGrace: Duration = .seconds(5)

    private let workflow: Workflow
    private let registry: StepRegistry
    private let scheduler: Scheduler
    private let contexts: ContextBuilder
    /// By job and step.
    private let definitions: [String: [String: StepDefinition]]
    private let log: EventLog
    private let clock: any RunClock
    private let locks: RunLocks
    private let cancellation: RunCancellation
    private let closingFacts: @Sendable () -> [RunEvent.Payload]

    /// `closingFacts` are recorded whenever a step ends, such as the count of requests made so far.
    package init(
        workflow: Workflow, registry: StepRegistry, log: EventLog, clock: any RunClock, locks: RunLocks,
        cancellation: RunCancellation, closingFacts: @escaping @Sendable () -> [RunEvent.Payload] = { [] }
    ) {
        self.workflow = workflow
        self.registry = registry
        scheduler = Scheduler(workflow: workflow, registry: registry)
        contexts = ContextBuilder(registry: registry)
        let steps = workflow.jobs.map { job in
            (job.id, Dictionary(job.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }))
        }
        definitions = Dictionary(steps, uniquingKeysWith: { first, _ in first })
        self.log = log
        self.clock = clock
        self.locks = locks
        self.cancellation = cancellation
        self.closingFacts = closingFacts
    }

    private enum Message: Sendable {
        case jobReady(String, RunLock?, timeout: Duration?)
        case jobRefused(String, Outcome, StepFailure?)
        case stepEnded(job: String)
        /// The order to stop came, or the wait for it is over.
        case stopHeard
    }

    /// What the loop remembers beside the state.
    private struct Progress {
        /// The jobs that something is done for right now; they get no other decision until that is over.
        var busy: Set<String> = []
        var locks: [String: RunLock] = [:]
        var deadlines: [String: MonotonicInstant] = [:]
        var cancelledAt: MonotonicInstant?
    }

    /// Runs to the end; failures are in the verdict, nothing is thrown.
    package func run(tool: (name: String, version: String), inputs: [String: Value]) async -> Verdict {
        let start = clock.now
        log.append(
            .runStarted(
                RunStarted(workflow: workflow.name, toolName: tool.name, toolVersion: tool.version, inputs: inputs)))
        await withTaskGroup(of: Message.self) { group in
            group.addTask {
                _ = await cancellation.wait()
                return .stopHeard
            }
            var progress = Progress()
            recordCancellation(&progress)
            while perform(&progress, in: &group), let message = await group.next() {
                take(message, &progress)
                recordCancellation(&progress)
            }
            group.cancelAll()
        }
        let verdict = log.state.verdict
        log.append(
            .runFinished(
                RunFinished(verdict: verdict, durationMilliseconds: start.duration(to: clock.now).milliseconds)))
        return verdict
    }

    /// Performs every decision about jobs that are not busy; false once the run is over.
    private func perform(_ progress: inout Progress, in group: inout TaskGroup<Message>) -> Bool {
        while true {
            var stateChanged = false
            for decision in scheduler.decide(log.state) {
                guard let job = decision.job else { return false }
                if progress.busy.contains(job) { continue }
                if perform(instantly: decision, &progress) {
                    stateChanged = true
                } else {
                    progress.busy.insert(job)
                    start(decision, progress, in: &group)
                }
            }
            if !stateChanged { return true }
        }
    }

    /// True when the decision was carried out by an event alone.
    private func perform(instantly decision: Scheduler.Decision, _ progress: inout Progress) -> Bool {
        switch decision {
        case .finishJob(let job, let outcome):
            progress.locks[job] = nil
            log.append(.jobFinished(JobFinished(job: job, result: outcome)))
        case .failJob(let job, let message):
            let failure = StepFailure(.invalidWorkflow, code: "InvalidJob", "job '\(job)': \(message)")
            log.append(.jobFinished(JobFinished(job: job, result: .error, failure: failure)))
        case .skipStep(let job, let step): finishUnstarted(step, of: job, .skip)
        case .failStep(let job, let step, let message):
            finishUnstarted(
                step, of: job, .error, StepFailure(.invalidWorkflow, code: "InvalidExpression", message))
        case .startJob, .startStep, .finishRun: return false
        }
        return true
    }

    private func finishUnstarted(_ id: String, of job: String, _ result: Outcome, _ failure: StepFailure? = nil) {
        let definition = definitions[job]?[id]
        log.append(
            .stepFinished(
                StepFinished(
                    job: job, step: id, attempt: 0, result: result, durationMilliseconds: 0, failure: failure,
                    name: definition?.name, uses: definition?.uses,
                    isTolerated: failure != nil && definition?.continueOnError == true)))
    }

    /// Before any new decision: what the order to stop ends must not look like something that failed.
    private func recordCancellation(_ progress: inout Progress) {
        guard let reason = cancellation.reason, progress.cancelledAt == nil else { return }
        progress.cancelledAt = clock.now
        log.append(.runCancelled(RunCancelled(signal: reason)))
    }

    private func take(_ message: Message, _ progress: inout Progress) {
        switch message {
        case .jobReady(let job, let lock, let timeout):
            progress.busy.remove(job)
            progress.locks[job] = lock
            progress.deadlines[job] = timeout.map { clock.now.advanced(by: $0) }
            log.append(.jobStarted(JobStarted(job: job)))
        case .jobRefused(let job, let outcome, let failure):
            progress.busy.remove(job)
            log.append(.jobFinished(JobFinished(job: job, result: outcome, failure: failure)))
        case .stepEnded(let job):
            progress.busy.remove(job)
        case .stopHeard:
            return
        }
    }
}

// MARK: - What takes its time

extension WorkflowRunner {
    private func start(_ decision: Scheduler.Decision, _ progress: Progress, in group: inout TaskGroup<Message>) {
        switch decision {
        case .startJob(let id):
            group.addTask { await prepareJob(id) }
        case .startStep(let job, let step, let attempt, let pause):
            let limits = StepAttempt.Limits(jobDeadline: progress.deadlines[job], cancelledAt: progress.cancelledAt)
            group.addTask {
                // Cut short, the pause ends and the step hears of the order to stop itself.
                if pause > .zero { _ = try? await cancellation.sleep(until: clock.now.advanced(by: pause), on: clock) }
                await stepAttempt(job: job, step: step, attempt: attempt, limits)?.run()
                return .stepEnded(job: job)
            }
        default: return
        }
    }

    /// Finds out how long the job may take and takes its lock; its time begins when it has it.
    private func prepareJob(_ id: String) async -> Message {
        guard let job = workflow.job(id) else { return .jobRefused(id, .error, nil) }
        do {
            let evaluator = evaluator(for: job)
            let timeout = try job.timeout.map(evaluator.timeout)
            let lock = try await JobLock(job: job, locks: locks, log: log, clock: clock, cancellation: cancellation)
                .take(evaluator, within: timeout)
            return .jobReady(id, lock, timeout: timeout)
        } catch let failure as StepFailure {
            return .jobRefused(id, failure.verdict.outcome, failure)
        } catch is CancellationError {
            return .jobRefused(id, .cancellation, nil)
        } catch {
            return .jobRefused(id, .error, .unexpected(error))
        }
    }

    private func stepAttempt(
        job: String, step: String, attempt: Int, _ limits: StepAttempt.Limits
    ) -> StepAttempt? {
        guard let definition = definitions[job]?[step], let job = workflow.job(job) else { return nil }
        return StepAttempt(
            job: job, definition: definition, attempt: attempt, type: registry[definition.uses],
            evaluator: evaluator(for: job), limits: limits, log: log, clock: clock, cancellation: cancellation,
            closingFacts: closingFacts)
    }

    /// Reads the state when it needs it: kept, it would be copied at the next event.
    private func evaluator(for job: Job) -> Evaluator {
        Evaluator(standing: scheduler.standing(of: job, in: log.state)) { contexts.contexts(of: job, in: log.state) }
    }
}
