import Clocks
import WorkflowModel

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
