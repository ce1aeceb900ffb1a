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
    }

    package let runID: RunID
    private let clock: any RunClock
    private let journal: any Journal
    private let mask: SecretMask
    private let observers: [any EventObserver]
    private let inner: Mutex<Inner>

    /// `earlier` are the events of the same run from its journal, when it is resumed.
    package init(
        runID: RunID, clock: any RunClock, journal: any Journal, mask: SecretMask = SecretMask(),
        observers: [any EventObserver] = [], earlier: [RunEvent] = []
    ) {
        self.runID = runID
        self.clock = clock
        self.journal = journal
        self.mask = mask
        self.observers = observers
        let state = earlier.reduce(into: RunState()) { $0.apply($1.payload) }
        inner = Mutex(Inner(sequence: earlier.last?.sequence ?? 0, state: state, events: earlier))
    }

    package var state: RunState { inner.withLock(\.state) }

    package var events: [RunEvent] { inner.withLock(\.events) }

    /// Adds an event. A journal that fails costs a warning, not the run: what matters is appended durably.
    package func append(_ payload: RunEvent.Payload) {
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
        RunEvent(sequence: inner.sequence + 1, date: clock.date, runID: runID, payload: payload.masked(by: mask))
    }

    /// The state keeps the values as they are, because later steps work with them; they leave the process masked only.
    private func add(_ event: RunEvent, _ payload: RunEvent.Payload, to inner: inout Inner) {
        inner.sequence = event.sequence
        inner.state.apply(payload)
        inner.events.append(event)
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
    /// The ids that a change brought, and the end, are on disk before anything else happens; the rest is written at
    /// once and synced with the next of these.
    fileprivate func mustSurvive(in state: RunState) -> Bool {
        switch self {
        case .runFinished: true
        case .outputRecorded(let output):
            output.name.hasSuffix("-id") && output.value != .null
                && !state.step(output.step, of: output.job).effects.isEmpty
        default: false
        }
    }
}
