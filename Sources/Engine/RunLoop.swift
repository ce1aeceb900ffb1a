import Clocks
import WorkflowModel

/// Carries out the scheduler's decisions until the run ends.
struct RunLoop: Sendable {
    private(set) var plan: RunPlan
    let environment: RunEnvironment
    let bounds: RunBounds
    private(set) var contexts: ContextBuilder
    private(set) var scheduler: Scheduler
    let log: EventLog
    let cancellation: RunCancellation
    /// Whether it returned with unfinished jobs, whose steps are to be resumed by another process.
    private(set) var isSuspended = false

    init(
        plan: RunPlan, environment: RunEnvironment, bounds: RunBounds = RunBounds(), log: EventLog,
        cancellation: RunCancellation
    ) {
        self.plan = plan
        self.environment = environment
        self.bounds = bounds
        contexts = ContextBuilder(plan: plan, registry: environment.registry, context: environment.runContext)
        scheduler = Scheduler(plan: plan, contexts: contexts)
        self.log = log
        self.cancellation = cancellation
    }

    var clock: any RunClock { environment.clock }

    enum Message: Sendable {
        case jobReady(JobStarted, JobLocks, timeout: Duration?, isCleanup: Bool)
        case jobNotStarted(JobPath, Outcome, StepFailure?)
        case stepEnded(job: JobPath)
        /// A step and its job stay unfinished.
        case stepSuspended(job: JobPath)
        case programsEnded(job: JobPath)
        /// The run was cancelled, or the wait for that ended.
        case cancellationChecked
    }

    /// The loop's own state besides the run's.
    struct Progress {
        var readyQueue: ReadyQueue
        /// How many jobs had failed when rows were last cancelled.
        var failuresHandled = 0
        var locks: [JobPath: JobLocks] = [:]
        /// The commits that the locks show.
        var commits: [JobPath: String] = [:]
        var deadlines: [JobPath: MonotonicInstant] = [:]
        var cancelledAt: MonotonicInstant?
        /// The cancellation of each job.
        var cancellations: [JobPath: RunCancellation] = [:]
        /// What the steps of each job left running.
        var programs: [JobPath: JobPrograms] = [:]
        /// The jobs that stay unfinished.
        var suspended: Set<JobPath> = []

        /// Whether only suspended jobs are left to wait for.
        var isSuspended: Bool { !suspended.isEmpty && readyQueue.busyJobs.allSatisfy(suspended.contains) }
    }

    /// Returns once nothing is left to do, with the rows of all matrices.
    @discardableResult func run() async -> RunLoop {
        await withTaskGroup(of: Message.self) { group in
            group.addTask {
                _ = await cancellation.wait()
                return .cancellationChecked
            }
            var loop = self
            var progress = Progress(readyQueue: ReadyQueue(plan, log.state), cancelledAt: bounds.cancelledAt)
            recordCancellation(&progress)
            while loop.perform(&progress, in: &group), !progress.isSuspended, let message = await group.next() {
                loop.handle(message, &progress)
                loop.recordCancellation(&progress)
            }
            group.cancelAll()
            loop.isSuspended = progress.isSuspended
            for job in progress.suspended { _ = await progress.programs[job]?.end(within: programGrace(progress)) }
            return loop
        }
    }

    /// Carries out every decision that is possible now; false once the run has ended.
    private mutating func perform(_ progress: inout Progress, in group: inout TaskGroup<Message>) -> Bool {
        while true {
            var stateChanged = false
            var matrices: [JobPath] = []
            for decision in scheduler.decide(&progress.readyQueue, log.state) {
                guard let job = decision.job else { return false }
                if case .makeRows = decision {
                    matrices.append(job)
                } else if perform(instantly: decision, &progress) {
                    stateChanged = true
                    progress.readyQueue.changed(job, in: log.state)
                } else {
                    start(decision, &progress, in: &group)
                }
            }
            for job in matrices { makeRows(of: job, &progress) }
            if !stateChanged, matrices.isEmpty { break }
        }
        cancelRows(&progress)
        return true
    }

    /// Replaces a job by the rows of its matrix; without a row it is skipped. Tasks that run keep the earlier plan, which
    /// has all that they need.
    private mutating func makeRows(of id: JobPath, _ progress: inout Progress) {
        guard let job = plan[id] else { return }
        do throws(ExpressionError) {
            let rows = try contexts.rows(of: job, in: log.state)
            guard !rows.isEmpty else { return finish(matrix: id, .skip, nil, &progress) }
            plan.replace(id, by: rows)
        } catch {
            let failure = StepFailure(
                error, in: "matrix of job '\(id)'", code: "InvalidMatrix",
                hint: "check the outputs of the jobs in needs")
            return finish(matrix: id, .error, failure, &progress)
        }
        contexts = ContextBuilder(plan: plan, registry: environment.registry, context: environment.runContext)
        scheduler = Scheduler(plan: plan, contexts: contexts)
        progress.readyQueue = ReadyQueue(plan, log.state, continuing: progress.readyQueue)
    }

    private func finish(
        matrix: JobPath, _ outcome: Outcome, _ failure: StepFailure?, _ progress: inout Progress
    ) {
        log.append(JobFinished(job: matrix, result: outcome, failure: failure))
        progress.readyQueue.changed(matrix, in: log.state)
    }

    /// Cancels what is running in rows of which another one failed.
    private func cancelRows(_ progress: inout Progress) {
        let state = log.state
        guard state.failedJobs.count > progress.failuresHandled else { return }
        progress.failuresHandled = state.failedJobs.count
        for id in progress.readyQueue.busyJobs {
            guard let job = plan[id], let row = scheduler.failedRow(cancelling: job, in: state) else { continue }
            progress.cancellations[id]?.cancel(.failFast(row: row))
        }
    }

    /// Carries out decisions that are only an event; false for the others.
    private func perform(instantly decision: Scheduler.Decision, _ progress: inout Progress) -> Bool {
        switch decision {
        case .finishJob(let job, let outcome):
            guard progress.programs[job]?.isEmpty ?? true else { return false }
            progress.locks[job] = nil
            progress.cancellations[job] = nil
            progress.programs[job] = nil
            finish(job, outcome)
        case .failJob(let job, let failure):
            log.append(JobFinished(job: job, result: .error, failure: failure))
        case .skipStep(let job, let step): finishUnstarted(step, of: job, .skip)
        case .failStep(let job, let step, let failure): finishUnstarted(step, of: job, .error, failure)
        case .startJob, .makeRows, .startStep, .finishRun: return false
        }
        return true
    }

    /// Finishes a job, with its outputs if it ran.
    private func finish(_ id: JobPath, _ outcome: Outcome) {
        log.append(end(of: id, outcome, in: log.state))
    }

    /// Takes the state as an argument, so that it is released before the next event would copy it.
    private func end(of id: JobPath, _ outcome: Outcome, in state: RunState) -> JobFinished {
        var end = JobFinished(job: id, result: outcome)
        if let job = plan[id], !job.job.outputs.isEmpty, state.jobs[id]?.phase == .running {
            let outputs = contexts.outputs(of: job, in: state)
            end.outputs = outputs.values
            // After a failure some outputs are expected to have no value.
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

    /// Records a cancellation before any new decision, so that what it ends does not look like a failure.
    private func recordCancellation(_ progress: inout Progress) {
        guard progress.cancelledAt == nil, let cause = cancellation.cause else { return }
        progress.cancelledAt = clock.now
        // A nested workflow that another row's failure cancels ends as if by SIGTERM; the run does not record that event.
        log.append(RunCancelled(signal: cause.reason ?? .terminate))
        progress.readyQueue.runCancelled()
    }

    private func handle(_ message: Message, _ progress: inout Progress) {
        switch message {
        case .jobReady(let start, let locks, let timeout, let isCleanup):
            progress.locks[start.job] = locks
            progress.deadlines[start.job] = deadline(within: timeout, isCleanup: isCleanup)
            showCommit(of: start.job, &progress)
            log.append(start)
            progress.readyQueue.changed(start.job, in: log.state)
        case .jobNotStarted(let job, let outcome, let failure):
            log.append(JobFinished(job: job, result: outcome, failure: failure))
            progress.readyQueue.changed(job, in: log.state)
        case .stepEnded(let job):
            showCommit(of: job, &progress)
            progress.readyQueue.changed(job, in: log.state)
        case .stepSuspended(let job):
            progress.suspended.insert(job)
        case .programsEnded(let job):
            progress.readyQueue.changed(job, in: log.state)
        case .cancellationChecked:
            return
        }
    }

    /// Shows the commit to runs that wait for the job's lock.
    private func showCommit(of job: JobPath, _ progress: inout Progress) {
        guard let locks = progress.locks[job], let commit = log.state.commit(of: job), commit != progress.commits[job]
        else { return }
        progress.commits[job] = commit
        locks.setCommit(commit)
    }
}

/// Decisions that take time.
extension RunLoop {
    func start(_ decision: Scheduler.Decision, _ progress: inout Progress, in group: inout TaskGroup<Message>) {
        switch decision {
        case .startJob(let id):
            let jobCancellation = cancellation.makeChild()
            progress.cancellations[id] = jobCancellation
            progress.programs[id] = JobPrograms(of: log.state.jobs[id])
            group.addTask { await prepareJob(id, jobCancellation) }
        case .startStep(let job, let step, let attempt, let pause):
            let limits = StepAttempt.Limits(
                jobDeadline: progress.deadlines[job], cancelledAt: progress.cancelledAt,
                locks: progress.locks[job] ?? makeLocks(of: job), runCancellation: runCancellation,
                programs: progress.programs[job] ?? JobPrograms())
            let cancellation = cancellation(for: step, of: job, progress)
            group.addTask {
                // A cancellation ends the delay; the step itself then handles it.
                if pause > .zero { _ = try? await cancellation.sleep(until: clock.now.advanced(by: pause), on: clock) }
                let attempt = stepAttempt(job: job, step: step, attempt: attempt, limits, cancellation)
                return await attempt?.run() == false ? .stepSuspended(job: job) : .stepEnded(job: job)
            }
        case .finishJob(let job, _):
            guard let programs = progress.programs[job] else { return }
            progress.readyQueue.markBusy(job)
            let grace = programGrace(progress)
            group.addTask {
                for ended in await programs.end(within: grace) {
                    log.append(Noted(job: job, step: ended.step, level: .info, message: ended.message))
                }
                return .programsEnded(job: job)
            }
        default: return
        }
    }

    /// After a cancellation the programs of a job share the grace of the clean-up steps.
    private func programGrace(_ progress: Progress) -> Duration {
        guard let cancelledAt = progress.cancelledAt else { return ProcessTermination.grace }
        let left = clock.now.duration(to: cancelledAt.advanced(by: WorkflowRunner.cleanUpGrace))
        return min(max(left, .milliseconds(500)), ProcessTermination.grace)
    }

    /// The cancellation of the run, which failures of other rows do not affect.
    private var runCancellation: RunCancellation { bounds.runCancellation ?? cancellation }

    /// A cleanup step, after a failure of its job or of another row, is only cancelled with the run.
    private func cancellation(for step: String, of job: JobPath, _ progress: Progress) -> RunCancellation {
        guard let jobCancellation = progress.cancellations[job], let planned = plan[job],
            let definition = planned.steps[step]
        else {
            return cancellation
        }
        let state = log.state
        let isCleanup = state.jobs[job]?.hasFailed == true || scheduler.isCleanup(definition, of: planned, in: state)
        return isCleanup ? runCancellation : jobCancellation
    }

    /// Evaluates the job's timeout and acquires its lock; its time starts when it has the lock.
    private func prepareJob(_ id: JobPath, _ cancellation: RunCancellation) async -> Message {
        guard let job = plan[id] else { return .jobNotStarted(id, .error, nil) }
        do {
            if let failure = contexts.variables(of: job, in: log.state).failure { throw failure }
            let evaluator = contexts.evaluator(for: job, status: .succeeding) { log.state }
            let timeout = try job.job.timeout.map(evaluator.timeout)
            let isCleanup = job.job.condition.checksStatus && job.job.condition != .success
            let name = try job.job.environment.map { try evaluator.value(of: $0, for: "environment").text }
            let locks = makeLocks(of: id)
            if let concurrency = job.job.concurrency {
                try await locks.acquire(
                    try evaluator.value(of: concurrency, for: "concurrency").text,
                    until: deadline(within: timeout, isCleanup: isCleanup), cancellation)
            }
            return .jobReady(JobStarted(job: id, environment: name), locks, timeout: timeout, isCleanup: isCleanup)
        } catch let failure as StepFailure {
            return .jobNotStarted(id, failure.verdict.outcome, failure)
        } catch is CancellationError {
            let isFailFast = if case .failFast = cancellation.cause { true } else { false }
            return .jobNotStarted(id, isFailFast ? .skip : .cancellation, nil)
        } catch {
            return .jobNotStarted(id, .error, .unexpected(error))
        }
    }

    private func makeLocks(of job: JobPath) -> JobLocks {
        JobLocks(job: job, locks: environment.locks, outer: bounds.heldLocks, log: log, clock: clock)
    }

    /// The earlier of the job's own limit and the loop's. A job that asks for the status of the others, such as one with
    /// `always()`, has some time left after the loop's limit.
    private func deadline(within timeout: Duration?, isCleanup: Bool) -> MonotonicInstant? {
        let grace = clock.now.advanced(by: WorkflowRunner.cleanUpJobGrace)
        let end = bounds.deadline.map { isCleanup ? max($0, grace) : $0 }
        return [timeout.map { clock.now.advanced(by: $0) }, end].compactMap(\.self).min()
    }

    private func stepAttempt(
        job: JobPath, step: String, attempt: Int, _ limits: StepAttempt.Limits, _ cancellation: RunCancellation
    ) -> StepAttempt? {
        guard let job = plan[job], let definition = job.steps[step] else { return nil }
        return StepAttempt(
            job: job, definition: definition, attempt: attempt, environment: environment, contexts: contexts,
            status: scheduler.status(of: job, in: log.state), limits: limits, log: log, cancellation: cancellation)
    }
}
