package import Clocks
package import WorkflowModel

/// The context of a running step: its inputs, clock and deadline, and methods that record its results.
package struct StepContext: Sendable {
    package let job: JobPath
    package let step: String
    /// From 1.
    package let attempt: Int
    package let inputs: StepInputs
    package let clock: any RunClock
    /// When the step must be done; nil for no limit.
    package let deadline: MonotonicInstant?
    /// What earlier attempts recorded, including those of an interrupted run; empty on the first attempt.
    package let previousAttempts: StepRecord
    /// The variables of the workflow, the job and the step; they can contain secrets.
    package var environment: [String: String] = [:]
    /// The folders that earlier steps of the job put in front of PATH.
    package var searchPath: [String] = []
    /// Keeps the whole output; nil where nothing is kept.
    var logFile: StepLogFile?
    /// Relative to the directory of the run; nil for that directory.
    package var workingDirectory: String?
    /// What the steps of the job left running, until the job ends.
    package var programs = JobPrograms()
    /// The names of the outputs that the step's signature declares durable.
    let durableOutputs: Set<String>
    /// The names of all outputs that it declares; a script's are not declared.
    var declaredOutputs: Set<String> = []
    /// Nil if there is nothing to lock.
    var locks: JobLocks?
    var cancellation: RunCancellation?
    let log: EventLog
    let criticalSection: CriticalSection

    /// Records a message.
    package func note(_ message: String, level: Noted.Level = .info) {
        log.append(Noted(job: job, step: step, level: level, message: message))
    }

    package func warn(_ message: String) {
        note(message, level: .warning)
    }

    /// Records untrusted lines, such as build logs.
    package func log(_ lines: [String], from stream: String) { log(lines, from: stream, whole: lines) }

    /// The same where the journal gets only a part of what the log file gets.
    package func log(_ lines: [String], from stream: String, whole: [String]) {
        let file = logFile?.append(log.redacted(whole))
        guard !lines.isEmpty else { return }
        log.append(Logged(job: job, step: step, stream: stream, lines: lines, file: file))
    }

    /// Records what a script leaves for the later steps of the job.
    package func recordEnvironment(_ variables: [String: String], path: [String]) {
        guard !variables.isEmpty || !path.isEmpty else { return }
        log.append(
            EnvironmentRecorded(job: job, step: step, variables: variables.mapValues { .string($0) }, path: path))
    }

    /// The text as an event would have it, for what cuts it: a part of a secret would not be recognized.
    package func redacted(_ text: String) -> String { log.redacted(text) }

    /// Records an output as soon as it is known. A durable output after an effect is on disk when this returns.
    package func output(_ name: String, _ value: Value) {
        if declaredOutputs.contains(name) { log.addFacts(PublicFacts.texts(of: value, named: name)) }
        let isDurable = durableOutputs.contains(name) && value != .null
        log.append(
            OutputRecorded(job: job, step: step, name: name, value: value),
            synced: isDurable && !log.state.step(step, of: job).effects.isEmpty)
    }

    /// Identifies what this attempt starts.
    package var trackingID: TrackingID { log.trackingID(of: job, step: step, attempt: attempt) }

    /// Records a program as soon as it runs, so that it is known after the run was killed.
    package func record(_ program: StartedProgram) {
        log.append(ProgramStarted(job: job, step: step, program: program))
    }

    /// Ends what earlier attempts of the step left running, including those of a killed run.
    ///
    /// Throws `StepFailure` (busy) when a process is left, and `CancellationError`.
    package func endEarlierPrograms() async throws {
        guard attempt > 1 else { return }
        try await LeftoverPrograms(previousAttempts.programs, trackingID: log.trackingID(of: job, step: step))
            .end(on: clock) { note($0) }
    }

    /// Records an event about the deployment, for reports.
    package func record(_ payload: any DeploymentPayload) {
        var payload = payload
        payload.job = job
        log.addFacts(payload.facts)
        log.append(payload)
    }

    /// Redacts a secret that became known during the run from all later events; warns if it is too short for that.
    package func registerSecret(_ secret: String, named name: String) {
        if let warning = log.registerSecret(secret, named: name) { warn(warning) }
    }

    /// Acquires a lock that the job then holds until it ends; does nothing if it has it already. It is named after what
    /// it protects, so that jobs exclude each other whatever their own locks are called. Returns whether another run held
    /// it, so that what was read before may be outdated.
    ///
    /// Throws `StepFailure` (busy) if another run holds it until the deadline, `CancellationError` on cancellation.
    @discardableResult
    package func acquireLock(_ name: String) async throws -> Bool {
        guard let locks, let cancellation else { return false }
        return try await locks.acquire(name, until: deadline, cancellation)
    }

    /// The change that was performed last was refused. It is written, but not synced: a run that does not know it looks for
    /// what the change made.
    package func recordRefusal(of effect: String) {
        log.append(EffectRefused(job: job, step: step, effect: effect))
    }

    /// Whether this attempt of the step, or an earlier one, was about to perform the change, be it refused.
    package func hasIntended(_ effect: String) -> Bool {
        log.state.step(step, of: job).requested.contains(effect)
    }

    /// Writes the intent to disk, then performs a change. On cancellation the run waits up to two seconds for the answer,
    /// so that its id is not lost.
    ///
    /// Throws `StepFailure` if the intent cannot be written and `CancellationError` if already cancelled; nothing is
    /// changed then.
    package func perform<Answer: Sendable>(
        _ effect: String, facts: [String: String], _ change: () async throws -> Answer
    ) async throws -> Answer {
        try Task.checkCancellation()
        try criticalSection.enter()
        defer { criticalSection.leave() }
        log.addFacts(facts.values)
        try log.checkpoint(EffectIntended(job: job, step: step, effect: effect, facts: facts))
        return try await change()
    }

    /// Performs a sequence of changes and reads that is useless in part. On cancellation the run waits up to four seconds
    /// for the end of `work`.
    ///
    /// Throws `CancellationError` if already cancelled.
    package func inCriticalSection<Answer: Sendable>(_ work: () async throws -> Answer) async throws -> Answer {
        try Task.checkCancellation()
        try criticalSection.enter(for: CriticalSection.sequenceGrace)
        defer { criticalSection.leave() }
        return try await work()
    }
}

extension StepContext {
    /// For a single change by hand, outside of a run: the same locks and rules, without a journal.
    package init(
        outsideOfRun id: RunID, step: String, clock: any RunClock, locks: RunLocks, observer: any EventObserver
    ) {
        let log = EventLog(runID: id, clock: clock, journal: MemoryJournal(), observers: [observer], keepsEvents: false)
        self.init(
            job: JobPath(step), step: step, attempt: 1, inputs: StepInputs([:]), clock: clock, deadline: nil,
            previousAttempts: StepRecord(), durableOutputs: [], log: log, criticalSection: CriticalSection())
        self.locks = JobLocks(job: job, locks: locks, log: log, clock: clock)
        cancellation = RunCancellation()
    }
}
