package import Clocks
import FoundationEssentials
package import Redaction
import Synchronization
import WorkflowModel

/// Follows a run as it happens: the terminal, `--output jsonl`.
package protocol EventObserver: Sendable {
    /// Called once per event, in order; must return at once.
    func observe(_ event: RunEvent)
}

/// The list of events of a run in the making: stamps them, masks secrets, keeps them in the journal, folds the state
/// and tells the observers.
package final class EventLog: Sendable {
    private struct Inner {
        var sequence: Int
        var state: RunState
        var journalFailed = false
        var events: [RunEvent]
        /// For secrets that became known while the run went on.
        var laterMasks: [Redactor] = []
    }

    package let runID: RunID
    private let clock: any RunClock
    private let journal: any Journal
    private let mask: Redactor
    private let observers: [any EventObserver]
    private let keepsEvents: Bool
    /// Set for the log of a workflow that a step uses: its events are told there.
    private let outer: (log: EventLog, path: JobPath)?
    private let inner: Mutex<Inner>

    /// `earlier` are the events of the same run from its journal, when it is resumed. Without `keepsEvents` no later
    /// ones are kept: a long run is in its journal, and in what the observers make of it.
    package init(
        runID: RunID, clock: any RunClock, journal: any Journal, mask: Redactor = Redactor(),
        observers: [any EventObserver] = [], earlier: [RunEvent] = [], keepsEvents: Bool = true
    ) {
        self.runID = runID
        self.clock = clock
        self.journal = journal
        self.mask = mask
        self.observers = observers
        self.keepsEvents = keepsEvents
        outer = nil
        let state = earlier.reduce(into: RunState()) { $0.apply($1.payload) }
        inner = Mutex(Inner(sequence: earlier.last?.sequence ?? 0, state: state, events: earlier))
    }

    /// The log of a workflow that a step uses. `state` is where that one stands; what happens in it is an event of
    /// `outer`, under `path`, but for its beginning, its end and the order to stop.
    init(nestedIn outer: EventLog, at path: JobPath, state: RunState) {
        runID = outer.runID
        clock = outer.clock
        journal = MemoryJournal()
        mask = outer.mask
        observers = []
        keepsEvents = false
        self.outer = (outer, path)
        inner = Mutex(Inner(sequence: 0, state: state, events: []))
    }

    func registerSecret(_ secret: String) {
        // What a nested log tells is told, and masked, by the outer one.
        if let outer { return outer.log.registerSecret(secret) }
        inner.withLock { $0.laterMasks.append(Redactor(secrets: [secret])) }
    }

    package var state: RunState { inner.withLock(\.state) }

    /// Those of the earlier run, and those that are kept.
    package var events: [RunEvent] { inner.withLock(\.events) }

    /// What happened so far, as the workflow of this log sees it.
    var payloads: [any EventPayload] {
        guard let outer else { return events.map(\.payload) }
        return outer.log.payloads.compactMap { $0.relative(to: outer.path) }
    }

    /// Adds an event; with `synced` it is on disk when this returns, else it is written at once and synced with the next
    /// one that is. A journal that fails costs a warning, not the run: what matters is a checkpoint.
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
    /// Throws `StepFailure` when it cannot be; it did not happen then.
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
                .configurationMissing, code: "JournalNotWritable", "the journal cannot be written: \(error)",
                hint: "this change was not made; free the disk or set --state-dir to a folder that can be written")
        }
    }

    private func event(_ payload: any EventPayload, in inner: Inner) -> RunEvent {
        RunEvent(
            sequence: inner.sequence + 1, date: clock.date, runID: runID,
            payload: inner.laterMasks.reduce(payload.redacted(by: mask) as any EventPayload) { $0.redacted(by: $1) })
    }

    /// The state keeps the values as they are, because later steps work with them; they leave the process masked only.
    private func add(_ event: RunEvent, _ payload: any EventPayload, to inner: inout Inner) {
        inner.sequence = event.sequence
        inner.state.apply(payload)
        if keepsEvents { inner.events.append(event) }
        for observer in observers { observer.observe(event) }
    }

    /// Once a run, and for the observers: the journal has just failed.
    private func warn(of error: any Error, in inner: inout Inner) {
        guard !inner.journalFailed else { return }
        inner.journalFailed = true
        let warning = Noted(job: "", step: "", level: .warning, message: "cannot write the journal: \(error)")
        add(event(warning, in: inner), warning, to: &inner)
    }
}
