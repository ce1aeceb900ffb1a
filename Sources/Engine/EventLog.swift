package import Clocks
import FoundationEssentials
package import Redaction
import Synchronization
import WorkflowModel

/// Receives the events of a run as they happen, for the terminal and `--output jsonl`.
package protocol EventObserver: Sendable {
    /// Called once per event, in order; must return at once.
    func observe(_ event: RunEvent)
}

/// The event log of a run: stamps events, redacts secrets, writes the journal, reduces the state and notifies observers.
package final class EventLog: Sendable {
    private struct Inner {
        var sequence: Int
        var state: RunState
        var journalFailed = false
        var events: [RunEvent]
        var redactor: EventRedactor
        /// Names of secrets that are too short to be redacted, once each.
        var shortSecrets: Set<String> = []
        /// The places of the first events, by the job of the run; those of the run itself by an empty path.
        private var placesByJob: [JobPath: [Int]] = [:]
        private var indexed = 0

        init(sequence: Int, state: RunState, events: [RunEvent], redactor: EventRedactor) {
            self.sequence = sequence
            self.state = state
            self.events = events
            self.redactor = redactor
        }

        mutating func places(of job: JobPath) -> [Int] {
            for place in events.indices.dropFirst(indexed) {
                placesByJob[events[place].payload.jobPath?.outermost ?? JobPath([]), default: []].append(place)
            }
            indexed = events.count
            return ((placesByJob[JobPath([])] ?? []) + (placesByJob[job] ?? [])).sorted()
        }
    }

    package let runID: RunID
    private let clock: any RunClock
    private let journal: any Journal
    private let observers: [any EventObserver]
    private let keepsEvents: Bool
    private let tellSecret: @Sendable (String) -> Void
    /// Set for the log of a workflow that a step uses; its events are recorded there.
    private let outer: (log: EventLog, path: JobPath)?
    private let inner: Mutex<Inner>

    /// `earlier` are the events from the journal of a resumed run, in which `secrets` are put back by their names. Without
    /// `keepsEvents` later events are not kept in memory: they are in the journal. Only a start is: workflows that steps use
    /// have to know what runs again.
    ///
    /// - Parameter tellSecret: called with each secret that becomes known during the run, before an event can hold it.
    package init(
        runID: RunID, clock: any RunClock, journal: any Journal, redactor: Redactor = Redactor(),
        secrets: [String: String] = [:], facts: Set<String> = [], observers: [any EventObserver] = [],
        earlier: [RunEvent] = [], keepsEvents: Bool = true, tellSecret: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.runID = runID
        self.clock = clock
        self.journal = journal
        self.observers = observers
        self.keepsEvents = keepsEvents
        self.tellSecret = tellSecret
        outer = nil
        let restorer = SecretRestorer(secrets)
        let restored = earlier.map { $0.restored(by: restorer) }
        let state = restored.reduce(into: RunState()) { $0.apply($1.payload) }
        let eventRedactor = EventRedactor(redactor, secrets: secrets, facts: facts)
        inner = Mutex(
            Inner(sequence: earlier.last?.sequence ?? 0, state: state, events: restored, redactor: eventRedactor))
    }

    /// The log of a workflow that a step uses, in the given state. Its events are recorded in `outer` under `path`, except
    /// its start, cancellation and end.
    init(nestedIn outer: EventLog, at path: JobPath, state: RunState) {
        runID = outer.runID
        clock = outer.clock
        journal = MemoryJournal()
        observers = []
        keepsEvents = false
        tellSecret = { _ in }
        self.outer = (outer, path)
        inner = Mutex(Inner(sequence: 0, state: state, events: [], redactor: EventRedactor()))
    }

    /// Returns a warning when the secret is too short to be redacted, once for each name.
    func registerSecret(_ secret: String, named name: String) -> String? {
        // The outer log records and redacts the events of a nested one.
        if let outer { return outer.log.registerSecret(secret, named: name) }
        tellSecret(secret)
        return inner.withLock { inner in
            inner.redactor.addSecret(secret)
            guard let warning = Redactor.warning(of: secret, named: name) else { return nil }
            return inner.shortSecrets.insert(name).inserted ? warning : nil
        }
    }

    /// Keeps texts that are public as they are in all later events, even if they contain a secret.
    func addFacts(_ texts: some Sequence<String>) {
        if let outer { return outer.log.addFacts(texts) }
        inner.withLock { $0.redactor.addFacts(texts) }
    }

    package var state: RunState { inner.withLock(\.state) }

    /// The earlier events, and later ones if they are kept.
    package var events: [RunEvent] { inner.withLock(\.events) }

    func redacted(_ text: String) -> String {
        outer?.log.redacted(text) ?? inner.withLock(\.redactor).redact(text)
    }

    func redacted(_ lines: [String]) -> [String] {
        outer?.log.redacted(lines) ?? inner.withLock(\.redactor).redact(lines)
    }

    /// The path of a job in the run, also of a workflow that a step uses.
    func wholePath(of job: JobPath) -> JobPath {
        outer.map { $0.log.wholePath(of: job.prefixed(by: $0.path)) } ?? job
    }

    /// With the whole path of a job of a workflow that a step uses.
    func trackingID(of job: JobPath, step: String, attempt: Int? = nil) -> TrackingID {
        guard let outer else { return TrackingID(run: runID, job: job, step: step, attempt: attempt) }
        return outer.log.trackingID(of: job.prefixed(by: outer.path), step: step, attempt: attempt)
    }

    /// The events so far of the run and of one of its jobs, relative to the workflow of this log.
    func payloads(of job: JobPath) -> [any EventPayload] {
        guard let outer else {
            return inner.withLock { inner in inner.places(of: job.outermost).map { inner.events[$0].payload } }
        }
        return outer.log.payloads(of: job.prefixed(by: outer.path)).compactMap { $0.relative(to: outer.path) }
    }

    /// Adds an event. With `synced` it is on disk when this returns; otherwise it is written, and synced with the next
    /// synced event. A journal error only warns: what must not be lost is a checkpoint.
    package func append(_ payload: any EventPayload, synced: Bool = false) {
        if let outer {
            if let event = payload.nested(in: outer.path) { outer.log.append(event, synced: synced) }
            return inner.withLock { $0.state.apply(payload) }
        }
        inner.withLock { inner in
            let event = event(payload, in: inner)
            do {
                try journal.append(event, durably: synced || payload is RunFinished && inner.state.hasEffects)
                add(event, payload, to: &inner)
            } catch {
                add(event, payload, to: &inner)
                warn(of: error, in: &inner)
            }
        }
    }

    /// Adds an event and returns once it is on disk.
    ///
    /// Throws `StepFailure` if the journal cannot be written; the event is then not recorded.
    package func checkpoint(_ payload: any EventPayload) throws {
        if let outer, let event = payload.nested(in: outer.path) {
            try outer.log.checkpoint(event)
            return inner.withLock { $0.state.apply(payload) }
        }
        do {
            try inner.withLock { inner in
                let event = event(payload, in: inner)
                try journal.append(event, durably: true)
                add(event, payload, to: &inner)
            }
        } catch {
            throw StepFailure(
                .configurationMissing, code: "JournalNotWritable", "cannot write the journal: \(error)",
                hint: "free disk space or set --state-dir to a writable directory; the change was not made")
        }
    }

    private func event(_ payload: any EventPayload, in inner: Inner) -> RunEvent {
        RunEvent(
            sequence: inner.sequence + 1, date: clock.date, runID: runID,
            payload: payload.redacted(by: inner.redactor))
    }

    /// The state keeps the original values for later steps; only redacted values leave the process.
    private func add(_ event: RunEvent, _ payload: any EventPayload, to inner: inout Inner) {
        inner.sequence = event.sequence
        inner.state.apply(payload)
        if keepsEvents || payload is RunStarted { inner.events.append(event) }
        for observer in observers { observer.observe(event) }
    }

    /// Warns observers once a run that the journal cannot be written.
    private func warn(of error: any Error, in inner: inout Inner) {
        guard !inner.journalFailed else { return }
        inner.journalFailed = true
        let warning = Noted(job: "", step: "", level: .warning, message: "cannot write the journal: \(error)")
        add(event(warning, in: inner), warning, to: &inner)
    }
}
