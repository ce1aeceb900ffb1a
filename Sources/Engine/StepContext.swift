package import Clocks
package import WorkflowModel

/// What a running step may use: its inputs, the clock, its deadline, and the one place to say what it learns.
package struct StepContext: Sendable {
    package let job: JobPath
    package let step: String
    /// From 1.
    package let attempt: Int
    package let inputs: StepInputs
    package let clock: any RunClock
    /// When the step must be done; nil for no limit.
    package let deadline: MonotonicInstant?
    /// What earlier attempts of this step recorded, also those of an interrupted run; empty on a first attempt.
    package let previousAttempts: StepRecord
    /// The variables of the workflow, the job and the step; secrets may be among them.
    package var environment: [String: String] = [:]
    /// Relative to the folder of the run; nil for that folder.
    package var workingDirectory: String?
    /// The names of the outputs that the step's signature declares durable.
    let durableOutputs: Set<String>
    let log: EventLog
    let criticalSection: CriticalSection

    /// A line for people.
    package func note(_ message: String, level: Noted.Level = .info) {
        log.append(Noted(job: job, step: step, level: level, message: message))
    }

    package func warn(_ message: String) {
        note(message, level: .warning)
    }

    /// Lines that somebody else wrote.
    package func log(_ lines: [String], from stream: String) {
        guard !lines.isEmpty else { return }
        log.append(Logged(job: job, step: step, stream: stream, lines: lines))
    }

    /// Records an output the moment it is known. A durable one that follows an effect is on disk when this returns.
    package func output(_ name: String, _ value: Value) {
        let isDurable = durableOutputs.contains(name) && value != .null
        log.append(
            OutputRecorded(job: job, step: step, name: name, value: value),
            synced: isDurable && !log.state.step(step, of: job).effects.isEmpty)
    }

    /// A fact about the deployment, for the reports.
    package func record(_ fact: any DeploymentPayload) {
        var fact = fact
        fact.job = job
        log.append(fact)
    }

    /// Keeps a secret that has only now become known out of every event to come.
    package func registerSecret(_ secret: String) {
        log.registerSecret(secret)
    }

    /// Writes the intent to disk, then performs a change that must not be cut short: told to stop meanwhile, the run
    /// waits a moment for the answer, so that the id it brings is not lost.
    ///
    /// Throws `StepFailure` when the intent cannot be written and `CancellationError` when the order to stop was
    /// given before: nothing was changed then.
    package func perform<Answer: Sendable>(
        _ effect: String, facts: [String: String], _ change: () async throws -> Answer
    ) async throws -> Answer {
        try Task.checkCancellation()
        try criticalSection.enter()
        defer { criticalSection.leave() }
        try log.checkpoint(EffectIntended(job: job, step: step, effect: effect, facts: facts))
        return try await change()
    }

    /// Performs changes, and the reads between them, that only help as a whole: told to stop meanwhile, the run waits
    /// for the end of `work`, at most four seconds.
    ///
    /// Throws `CancellationError` when the order to stop was given before.
    package func inCriticalSection<Answer: Sendable>(_ work: () async throws -> Answer) async throws -> Answer {
        try Task.checkCancellation()
        try criticalSection.enter(for: CriticalSection.wholeGrace)
        defer { criticalSection.leave() }
        return try await work()
    }
}
