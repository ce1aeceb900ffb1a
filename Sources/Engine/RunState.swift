package import WorkflowModel

/// Where a run stands: a fold over its events, and all the scheduler looks at.
package struct RunState: Sendable, Equatable {
    package enum JobPhase: Sendable, Equatable {
        case pending
        case running
        case finished(Outcome)
    }

    package struct JobRecord: Sendable, Equatable {
        package var phase: JobPhase = .pending
        package var steps: [String: StepRecord] = [:]
        /// How many steps are finished, whatever came of them: the next one is the one at this place.
        package var finishedSteps = 0
        /// How the first step ended that failed and may not.
        package var stepFailure: Outcome?
        /// Why the job itself could not run.
        package var failure: StepFailure?
        /// It began after the order to stop.
        package var isCleanUp = false
    }

    package var inputs: [String: Value] = [:]
    package var cancellation: RunCancelled.Reason?
    package var jobs: [String: JobRecord] = [:]
    package var finished: Verdict?
    /// The failures that count for the verdict, in the order they happened.
    package var failures: [StepFailure] = []

    package init() {}

    package func step(_ step: String, of job: String) -> StepRecord {
        jobs[job]?.steps[step] ?? StepRecord()
    }

    /// What the whole run comes to, once nothing is left to do: a rollback that failed beats the order to stop, that
    /// beats what failed first.
    package var verdict: Verdict {
        if failures.contains(where: { $0.verdict == .rollbackFailed }) { return .rollbackFailed }
        if jobs.values.contains(where: { $0.phase == .finished(.cancellation) }) {
            return cancellation?.verdict ?? .terminated
        }
        return failures.first?.verdict ?? .success
    }

    package mutating func apply(_ payload: RunEvent.Payload) {
        switch payload {
        case .runStarted(let start): inputs = start.inputs
        case .runCancelled(let order): cancellation = order.signal
        case .runFinished(let end): finished = end.verdict
        case .jobStarted(let start):
            jobs[start.job, default: JobRecord()].phase = .running
            jobs[start.job]?.isCleanUp = cancellation != nil
        case .jobFinished(let end):
            jobs[end.job, default: JobRecord()].phase = .finished(end.result)
            jobs[end.job]?.failure = end.failure
            if let failure = end.failure { failures.append(failure) }
        case .stepStarted(let start): update(start.step, of: start.job) { $0.phase = .running(attempt: start.attempt) }
        case .stepFinished(let end): finish(end)
        case .outputRecorded(let output): update(output.step, of: output.job) { $0.outputs[output.name] = output.value }
        case .effectIntended(let intent): update(intent.step, of: intent.job) { $0.effects.append(intent) }
        case .noted, .logged, .commitRead, .deploymentSeen, .revisionSeen, .rollbackSeen, .requestsCounted: break
        }
    }

    private mutating func finish(_ end: StepFinished) {
        update(end.step, of: end.job) { record in
            record.failure = end.failure
            record.phase = end.willRetry ? .failedAttempt(end.attempt) : .finished(end.result)
        }
        guard !end.willRetry else { return }
        jobs[end.job]?.finishedSteps += 1
        guard !end.isTolerated else { return }
        if let failure = end.failure { failures.append(failure) }
        if end.result.stopsTheJob, jobs[end.job]?.stepFailure == nil { jobs[end.job]?.stepFailure = end.result }
    }

    private mutating func update(_ step: String, of job: String, _ change: (inout StepRecord) -> Void) {
        change(&jobs[job, default: JobRecord()].steps[step, default: StepRecord()])
    }
}
