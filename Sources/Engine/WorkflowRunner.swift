package import Clocks
package import WorkflowModel

/// Performs what the scheduler decides, until the run is over. All it learns goes into the event log.
package struct WorkflowRunner: Sendable {
    /// How long steps that clean up after an order to stop may take, all together (docs/failures.md, row 36).
    static let cleanUpGrace: Duration = .seconds(5)

    private let workflow: Workflow
    private let registry: StepRegistry
    private let scheduler: Scheduler
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
        self.log = log
        self.clock = clock
        self.locks = locks
        self.cancellation = cancellation
        self.closingFacts = closingFacts
    }

    private enum Message: Sendable {
        case performed(Scheduler.Decision)
        case lockTaken(Scheduler.Decision, RunLock?)
        /// The order to stop came, or the wait for it is over.
        case stopHeard
    }

    /// What the loop remembers beside the state: what is under way, the locks it holds, and when jobs must be done.
    private struct Progress {
        var underWay: Set<Scheduler.Decision> = []
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
            while perform(&progress, in: &group), let message = await group.next() {
                recordCancellation(&progress)
                take(message, &progress)
            }
            group.cancelAll()
        }
        let verdict = log.state.verdict
        log.append(
            .runFinished(
                RunFinished(verdict: verdict, durationMilliseconds: start.duration(to: clock.now).milliseconds)))
        return verdict
    }

    /// Performs every decision that is not under way yet; false once the run is over.
    private func perform(_ progress: inout Progress, in group: inout TaskGroup<Message>) -> Bool {
        while true {
            let decisions = scheduler.decide(log.state).filter { !progress.underWay.contains($0) }
            var stateChanged = false
            for decision in decisions {
                if decision == .finishRun { return false }
                if perform(instantly: decision, &progress) {
                    stateChanged = true
                } else {
                    progress.underWay.insert(decision)
                    start(decision, progress, in: &group)
                }
            }
            if !stateChanged { return true }
        }
    }

    /// True when the decision was carried out by an event alone.
    private func perform(instantly decision: Scheduler.Decision, _ progress: inout Progress) -> Bool {
        switch decision {
        case .skipJob(let job): log.append(.jobFinished(JobFinished(job: job, result: .skip)))
        case .finishJob(let job, let outcome):
            progress.locks[job] = nil
            log.append(.jobFinished(JobFinished(job: job, result: outcome)))
        case .skipStep(let job, let step): finishUnstarted(step, of: job, .skip)
        case .failStep(let job, let step, let message):
            finishUnstarted(
                step, of: job, .error, StepFailure(.invalidWorkflow, code: "InvalidExpression", message))
        case .startJob, .startStep, .finishRun: return false
        }
        return true
    }

    private func finishUnstarted(_ id: String, of job: String, _ result: Outcome, _ failure: StepFailure? = nil) {
        let definition = workflow.job(job)?.steps.first { $0.id == id }
        log.append(
            .stepFinished(
                StepFinished(
                    job: job, step: id, attempt: 0, result: result, durationMilliseconds: 0, failure: failure,
                    name: definition?.name, uses: definition?.uses)))
    }

    private func start(_ decision: Scheduler.Decision, _ progress: Progress, in group: inout TaskGroup<Message>) {
        switch decision {
        case .startJob(let id):
            group.addTask { await startJob(id, decision) }
        case .startStep(let job, let step, let attempt, let pause):
            let limits = StepAttempt.Limits(jobDeadline: progress.deadlines[job], cancelledAt: progress.cancelledAt)
            group.addTask {
                // Cut short, the pause ends and the step hears of the order to stop itself.
                if pause > .zero { try? await clock.sleep(for: pause) }
                await stepAttempt(job: job, step: step, attempt: attempt, limits)?.run()
                return .performed(decision)
            }
        default: return
        }
    }

    /// Before any other news: a step that ended because of the order must not look like one that failed.
    private func recordCancellation(_ progress: inout Progress) {
        guard let reason = cancellation.reason, progress.cancelledAt == nil else { return }
        progress.cancelledAt = clock.now
        log.append(.runCancelled(RunCancelled(signal: reason)))
    }

    private func take(_ message: Message, _ progress: inout Progress) {
        switch message {
        case .performed(let decision):
            progress.underWay.remove(decision)
        case .lockTaken(let decision, let lock):
            progress.underWay.remove(decision)
            guard case .startJob(let id) = decision, let job = workflow.job(id) else { return }
            progress.locks[id] = lock
            progress.deadlines[id] = deadline(of: job)
        case .stopHeard:
            return
        }
    }

    private func deadline(of job: Job) -> MonotonicInstant? {
        guard let timeout = job.timeout,
            let value = try? scheduler.evaluator(for: job, in: log.state).evaluate(timeout),
            let duration = Duration(text: value.text)
        else { return nil }
        return clock.now.advanced(by: duration)
    }

    private func startJob(_ id: String, _ decision: Scheduler.Decision) async -> Message {
        guard let job = workflow.job(id) else { return .performed(decision) }
        do {
            let lock = try await JobLock(job: job, locks: locks, log: log, clock: clock, cancellation: cancellation)
                .take(scheduler.evaluator(for: job, in: log.state))
            log.append(.jobStarted(JobStarted(job: id)))
            return .lockTaken(decision, lock)
        } catch let failure as StepFailure {
            log.append(.jobFinished(JobFinished(job: id, result: failure.verdict.outcome, failure: failure)))
        } catch {
            log.append(.jobFinished(JobFinished(job: id, result: .cancellation)))
        }
        return .performed(decision)
    }

    private func stepAttempt(
        job: String, step: String, attempt: Int, _ limits: StepAttempt.Limits
    ) -> StepAttempt? {
        guard let job = workflow.job(job), let definition = job.steps.first(where: { $0.id == step }) else { return nil }
        let evaluator = scheduler.evaluator(for: job, in: log.state)
        return StepAttempt(
            job: job, definition: definition, attempt: attempt, type: registry[definition.uses],
            evaluator: evaluator, limits: limits, log: log, clock: clock, cancellation: cancellation,
            closingFacts: closingFacts)
    }
}
