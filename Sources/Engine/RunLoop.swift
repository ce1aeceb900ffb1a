import Clocks
import WorkflowModel

/// Performs what the scheduler decides, until the run is over.
struct RunLoop: Sendable {
    let plan: RunPlan
    let environment: RunEnvironment
    let bounds: RunBounds
    let contexts: ContextBuilder
    let scheduler: Scheduler
    let log: EventLog
    let cancellation: RunCancellation

    init(
        plan: RunPlan, environment: RunEnvironment, bounds: RunBounds = RunBounds(), log: EventLog,
        cancellation: RunCancellation
    ) {
        self.plan = plan
        self.environment = environment
        self.bounds = bounds
        contexts = ContextBuilder(plan: plan, registry: environment.registry, facts: environment.facts)
        scheduler = Scheduler(plan: plan, contexts: contexts)
        self.log = log
        self.cancellation = cancellation
    }

    var clock: any RunClock { environment.clock }

    enum Message: Sendable {
        case jobReady(JobStarted, RunLock?, timeout: Duration?)
        case jobRefused(JobPath, Outcome, StepFailure?)
        case stepEnded(job: JobPath)
        /// The order to stop came, or the wait for it is over.
        case stopHeard
    }

    /// What the loop remembers beside the state.
    struct Progress {
        var readyQueue: ReadyQueue
        /// How many jobs had failed when rows were last told to stop.
        var failuresHeard = 0
        var locks: [JobPath: RunLock] = [:]
        /// The commits that the locks name.
        var commits: [JobPath: String] = [:]
        var deadlines: [JobPath: MonotonicInstant] = [:]
        var cancelledAt: MonotonicInstant?
        /// How a job is told to stop.
        var orders: [JobPath: RunCancellation] = [:]
    }

    /// Returns once nothing is left to do.
    func run() async {
        await withTaskGroup(of: Message.self) { group in
            group.addTask {
                _ = await cancellation.wait()
                return .stopHeard
            }
            var progress = Progress(readyQueue: ReadyQueue(plan, log.state), cancelledAt: bounds.cancelledAt)
            recordCancellation(&progress)
            while perform(&progress, in: &group), let message = await group.next() {
                take(message, &progress)
                recordCancellation(&progress)
            }
            group.cancelAll()
        }
    }

    /// Performs every decision that is possible now; false once the run is over.
    private func perform(_ progress: inout Progress, in group: inout TaskGroup<Message>) -> Bool {
        while true {
            var stateChanged = false
            for decision in scheduler.decide(&progress.readyQueue, log.state) {
                guard let job = decision.job else { return false }
                if perform(instantly: decision, &progress) {
                    stateChanged = true
                    progress.readyQueue.changed(job, in: log.state)
                } else {
                    start(decision, &progress, in: &group)
                }
            }
            if !stateChanged { break }
        }
        stopRows(&progress)
        return true
    }

    /// What is under way in a job hears at once that another row failed.
    private func stopRows(_ progress: inout Progress) {
        let state = log.state
        guard state.failedJobs.count > progress.failuresHeard else { return }
        progress.failuresHeard = state.failedJobs.count
        for id in progress.readyQueue.busyJobs {
            guard let job = plan[id], let row = scheduler.failedRow(stopping: job, in: state) else { continue }
            progress.orders[id]?.give(.failFast(row: row))
        }
    }

    /// True when the decision was carried out by an event alone.
    private func perform(instantly decision: Scheduler.Decision, _ progress: inout Progress) -> Bool {
        switch decision {
        case .finishJob(let job, let outcome):
            progress.locks[job] = nil
            progress.orders[job] = nil
            finish(job, outcome)
        case .failJob(let job, let message):
            let failure = StepFailure(.invalidWorkflow, code: "InvalidJob", "job '\(job)': \(message)")
            log.append(JobFinished(job: job, result: .error, failure: failure))
        case .skipStep(let job, let step): finishUnstarted(step, of: job, .skip)
        case .failStep(let job, let step, let message):
            finishUnstarted(
                step, of: job, .error, StepFailure(.invalidWorkflow, code: "InvalidExpression", message))
        case .startJob, .startStep, .finishRun: return false
        }
        return true
    }

    /// A job that ran says what those see of it that need it.
    private func finish(_ id: JobPath, _ outcome: Outcome) {
        log.append(end(of: id, outcome, in: log.state))
    }

    /// Holds the state no longer than it has to: the log would copy it at the next event.
    private func end(of id: JobPath, _ outcome: Outcome, in state: RunState) -> JobFinished {
        var end = JobFinished(job: id, result: outcome)
        if let job = plan[id], !job.job.outputs.isEmpty, state.jobs[id]?.phase == .running {
            let outputs = contexts.outputs(of: job, in: state)
            end.outputs = outputs.values
            // After a failure it is no wonder that some have no value.
            if let failure = outputs.failure, outcome == .success { (end.result, end.failure) = (.error, failure) }
        }
        return end
    }

    private func finishUnstarted(_ id: String, of job: JobPath, _ result: Outcome, _ failure: StepFailure? = nil) {
        let definition = plan[job]?.steps[id]
        let name = definition.flatMap { step in
            plan[job].map { contexts.name(of: step, in: $0) { [log] in log.state } }
        }
        log.append(
            StepFinished(
                job: job, step: id, attempt: 0, result: result, durationMilliseconds: 0, failure: failure,
                name: name, uses: definition?.uses,
                isTolerated: failure != nil && definition?.continueOnError == true))
    }

    /// Before any new decision: what the order to stop ends must not look like something that failed.
    private func recordCancellation(_ progress: inout Progress) {
        guard progress.cancelledAt == nil, let order = cancellation.order else { return }
        progress.cancelledAt = clock.now
        // A workflow inside a row that another row's failure stops ends as by a signal, and the run is not told so.
        log.append(RunCancelled(signal: order.reason ?? .terminate))
        progress.readyQueue.orderGiven()
    }

    private func take(_ message: Message, _ progress: inout Progress) {
        switch message {
        case .jobReady(let start, let lock, let timeout):
            progress.locks[start.job] = lock
            progress.deadlines[start.job] = deadline(within: timeout)
            nameCommit(of: start.job, &progress)
            log.append(start)
            progress.readyQueue.changed(start.job, in: log.state)
        case .jobRefused(let job, let outcome, let failure):
            log.append(JobFinished(job: job, result: outcome, failure: failure))
            progress.readyQueue.changed(job, in: log.state)
        case .stepEnded(let job):
            nameCommit(of: job, &progress)
            progress.readyQueue.changed(job, in: log.state)
        case .stopHeard:
            return
        }
    }

    /// Those who wait for the job's lock see what is deployed.
    private func nameCommit(of job: JobPath, _ progress: inout Progress) {
        guard let lock = progress.locks[job], let commit = log.state.commit(of: job), commit != progress.commits[job]
        else { return }
        progress.commits[job] = commit
        lock.name(commit: commit)
    }
}

/// What takes its time.
extension RunLoop {
    func start(_ decision: Scheduler.Decision, _ progress: inout Progress, in group: inout TaskGroup<Message>) {
        switch decision {
        case .startJob(let id):
            let order = cancellation.makeChild()
            progress.orders[id] = order
            group.addTask { await prepareJob(id, order) }
        case .startStep(let job, let step, let attempt, let pause):
            let limits = StepAttempt.Limits(
                jobDeadline: progress.deadlines[job], cancelledAt: progress.cancelledAt,
                heldLocks: bounds.heldLocks.union(progress.locks[job].map { [$0.name] } ?? []),
                runOrder: runOrder)
            let order = order(for: step, of: job, progress)
            group.addTask {
                // Cut short, the pause ends and the step hears of the order to stop itself.
                if pause > .zero { _ = try? await order.sleep(until: clock.now.advanced(by: pause), on: clock) }
                await stepAttempt(job: job, step: step, attempt: attempt, limits, order)?.run()
                return .stepEnded(job: job)
            }
        default: return
        }
    }

    /// The order to stop the run, which other rows cannot give.
    private var runOrder: RunCancellation { bounds.runOrder ?? cancellation }

    /// Only the order to stop the run ends a step that cleans up, after a failure of its own job or of another row.
    private func order(for step: String, of job: JobPath, _ progress: Progress) -> RunCancellation {
        guard let order = progress.orders[job], let planned = plan[job], let definition = planned.steps[step] else {
            return cancellation
        }
        let state = log.state
        let cleansUp = state.jobs[job]?.hasFailed == true || scheduler.cleansUp(definition, of: planned, in: state)
        return cleansUp ? runOrder : order
    }

    /// Finds out how long the job may take and takes its lock; its time begins when it has it.
    private func prepareJob(_ id: JobPath, _ order: RunCancellation) async -> Message {
        guard let job = plan[id] else { return .jobRefused(id, .error, nil) }
        do {
            if let failure = contexts.variables(of: job, in: log.state).failure { throw failure }
            let evaluator = contexts.evaluator(for: job, status: .succeeding) { log.state }
            let timeout = try job.job.timeout.map(evaluator.timeout)
            let name = try job.job.environment.map { try evaluator.value(of: $0, for: "environment").text }
            let lock = try await JobLock(
                job: job.job, locks: environment.locks, heldLocks: bounds.heldLocks, log: log, clock: clock,
                cancellation: order
            ).take(evaluator, until: deadline(within: timeout))
            return .jobReady(JobStarted(job: id, environment: name), lock, timeout: timeout)
        } catch let failure as StepFailure {
            return .jobRefused(id, failure.verdict.outcome, failure)
        } catch is CancellationError {
            let isFailFast = if case .failFast = order.order { true } else { false }
            return .jobRefused(id, isFailFast ? .skip : .cancellation, nil)
        } catch {
            return .jobRefused(id, .error, .unexpected(error))
        }
    }

    /// The first of the job's own limit and that of the loop.
    func deadline(within timeout: Duration?) -> MonotonicInstant? {
        [timeout.map { clock.now.advanced(by: $0) }, bounds.deadline].compactMap(\.self).min()
    }

    private func stepAttempt(
        job: JobPath, step: String, attempt: Int, _ limits: StepAttempt.Limits, _ order: RunCancellation
    ) -> StepAttempt? {
        guard let job = plan[job], let definition = job.steps[step] else { return nil }
        return StepAttempt(
            job: job, definition: definition, attempt: attempt, environment: environment, contexts: contexts,
            status: scheduler.status(of: job, in: log.state), limits: limits, log: log, cancellation: order)
    }
}
