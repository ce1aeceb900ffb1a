extension RunState {
    /// What the state of a run that was interrupted becomes when it goes on.
    ///
    /// Steps that are finished stay so, with what they put out. A step that was running is tried again, and knows what
    /// it recorded. An order to stop is forgotten: a job that heard it goes on with the first step that it ended or
    /// kept from running.
    func resumed() -> RunState {
        var state = self
        state.cancellation = nil
        state.finished = nil
        state.failures.removeAll { $0.verdict.outcome == .cancellation }
        for (id, job) in jobs { state.jobs[id] = job.resumed(afterOrder: cancellation != nil) }
        return state
    }
}

extension RunState.JobRecord {
    fileprivate func resumed(afterOrder wasCancelled: Bool) -> Self {
        var job = self
        let firstStopped = steps.values.compactMap { $0.wasStopped ? $0.place : nil }.min()
        if let firstStopped {
            job.finishedSteps = firstStopped
            if job.stepFailure == .cancellation { job.stepFailure = nil }
        }
        job.steps = steps.mapValues { $0.resumed(from: firstStopped) }
        switch phase {
        case .pending, .interrupted: break
        case .running: job.phase = .interrupted
        case .finished(let outcome):
            if firstStopped != nil {
                job.phase = .interrupted
            } else if steps.isEmpty, outcome == .cancellation || wasCancelled && outcome == .skip {
                job = Self()
            }
        }
        if job.phase != phase { (job.failure, job.outputs, job.isCleanUp) = (nil, [:], false) }
        return job
    }
}

extension StepRecord {
    /// Steps from that place on are not finished any more.
    fileprivate func resumed(from firstStopped: Int?) -> StepRecord {
        var step = self
        step.wasStopped = false
        switch phase {
        case .running(let attempt): step.phase = .interrupted(attempt: attempt)
        case .finished:
            guard let place, let firstStopped, place >= firstStopped else { return step }
            step.phase = attempts == 0 ? .pending : .interrupted(attempt: attempts)
            (step.place, step.failure) = (nil, nil)
        case .pending, .failedAttempt, .interrupted: break
        }
        return step
    }
}
