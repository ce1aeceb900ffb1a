package import Clocks
import FoundationEssentials
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
        var laterMasks: [SecretMask] = []
    }

    package let runID: RunID
    private let clock: any RunClock
    private let journal: any Journal
    private let mask: SecretMask
    private let observers: [any EventObserver]
    private let keepsEvents: Bool
    /// Set for the log of a workflow that a step uses: its events are told there.
    private let outer: (log: EventLog, path: NestedPath)?
    private let inner: Mutex<Inner>

    /// `earlier` are the events of the same run from its journal, when it is resumed. Without `keepsEvents` no later
    /// ones are kept: a long run is in its journal, and in what the observers make of it.
    package init(
        runID: RunID, clock: any RunClock, journal: any Journal, mask: SecretMask = SecretMask(),
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
    init(nestedIn outer: EventLog, at path: NestedPath, state: RunState) {
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
        inner.withLock { $0.laterMasks.append(SecretMask(secrets: [secret])) }
    }

    package var state: RunState { inner.withLock(\.state) }

    /// Those of the earlier run, and those that are kept.
    package var events: [RunEvent] { inner.withLock(\.events) }

    /// What happened so far, as the workflow of this log sees it.
    var payloads: [RunEvent.Payload] {
        guard let outer else { return events.map(\.payload) }
        return outer.log.payloads.compactMap { outer.path.inner($0) }
    }

    /// Adds an event. A journal that fails costs a warning, not the run: what matters is appended durably.
    package func append(_ payload: RunEvent.Payload) {
        if let outer {
            if let told = outer.path.outer(payload) { outer.log.append(told) }
            return inner.withLock { $0.state.apply(payload) }
        }
        inner.withLock { inner in
            let event = event(payload, in: inner)
            do {
                try journal.append(event, durably: payload.mustSurvive(in: inner.state))
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
    package func appendDurably(_ payload: RunEvent.Payload) throws {
        if let outer, let told = outer.path.outer(payload) {
            try outer.log.appendDurably(told)
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

    private func event(_ payload: RunEvent.Payload, in inner: Inner) -> RunEvent {
        RunEvent(
            sequence: inner.sequence + 1, date: clock.date, runID: runID,
            payload: inner.laterMasks.reduce(payload.masked(by: mask)) { $0.masked(by: $1) })
    }

    /// The state keeps the values as they are, because later steps work with them; they leave the process masked only.
    private func add(_ event: RunEvent, _ payload: RunEvent.Payload, to inner: inout Inner) {
        inner.sequence = event.sequence
        inner.state.apply(payload)
        if keepsEvents { inner.events.append(event) }
        for observer in observers { observer.observe(event) }
    }

    /// Once a run, and for the observers: the journal has just failed.
    private func warn(of error: any Error, in inner: inout Inner) {
        guard !inner.journalFailed else { return }
        inner.journalFailed = true
        let warning = RunEvent.Payload.noted(
            Noted(job: "", step: "", level: .warning, message: "the journal cannot be written: \(error)"))
        add(event(warning, in: inner), warning, to: &inner)
    }
}

extension RunEvent.Payload {
    /// The ids that a change brought, and the end of a run that changed something, are on disk before anything else
    /// happens; the rest is written at once and synced with the next of these.
    fileprivate func mustSurvive(in state: RunState) -> Bool {
        switch self {
        case .runFinished: state.jobs.values.contains { $0.steps.values.contains { !$0.effects.isEmpty } }
        case .outputRecorded(let output):
            output.name.hasSuffix("-id") && output.value != .null
                && !state.step(output.step, of: output.job).effects.isEmpty
        default: false
        }
    }
}
