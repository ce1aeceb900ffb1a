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
            do {
                try add(payload, durably: payload.mustSurvive, to: &inner)
            } catch where !inner.journalFailed {
                inner.journalFailed = true
                let warning = Noted(job: "", step: "", level: .warning, message: "journal: \(error)")
                // The journal has just failed: the warning is for the observers.
                try? add(.noted(warning), durably: false, to: &inner)
            } catch {
                return
            }
        }
    }

    /// Adds an event and returns once it is on disk.
    ///
    /// Throws `StepFailure` when it cannot be.
    package func appendDurably(_ payload: RunEvent.Payload) throws {
        do {
            try inner.withLock { try add(payload, durably: true, to: &$0) }
        } catch {
            throw StepFailure(
                .configurationMissing, code: "JournalNotWritable", "the journal cannot be written: \(error)",
                hint: "nothing was changed; free the disk or set --state-dir to a folder that can be written")
        }
    }

    private func add(_ payload: RunEvent.Payload, durably: Bool, to inner: inout Inner) throws {
        inner.sequence += 1
        let event = RunEvent(
            sequence: inner.sequence, date: clock.date, runID: runID, payload: payload.masked(by: mask))
        inner.state.apply(event.payload)
        inner.events.append(event)
        for observer in observers { observer.observe(event) }
        try journal.append(event, durably: durably)
    }
}

extension RunEvent.Payload {
    /// Ids and ends are on disk before anything else happens; the rest is written at once and synced with the next.
    fileprivate var mustSurvive: Bool {
        switch self {
        case .runFinished: true
        case .outputRecorded(let output): output.name.hasSuffix("-id") && output.value != .null
        default: false
        }
    }

    fileprivate func masked(by mask: SecretMask) -> RunEvent.Payload {
        switch self {
        case .noted(var note):
            note.message = mask.redact(note.message)
            return .noted(note)
        case .logged(var log):
            log.lines = log.lines.map(mask.redact)
            return .logged(log)
        case .outputRecorded(var output):
            if let text = output.value.string { output.value = .string(mask.redact(text)) }
            return .outputRecorded(output)
        case .stepFinished(var end):
            end.failure = end.failure?.masked(by: mask)
            return .stepFinished(end)
        case .jobFinished(var end):
            end.failure = end.failure?.masked(by: mask)
            return .jobFinished(end)
        case .commitRead(var commit):
            commit.subject = commit.subject.map(mask.redact)
            return .commitRead(commit)
        case .effectIntended(var intent):
            intent.facts = intent.facts.mapValues(mask.redact)
            return .effectIntended(intent)
        default:
            return self
        }
    }
}
