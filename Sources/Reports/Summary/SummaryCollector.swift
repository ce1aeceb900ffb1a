package import Engine
import Synchronization

/// Folds the events of a run as they happen, so that nobody has to keep them: a run of many steps needs the memory of
/// its summary only.
package final class SummaryCollector: EventObserver {
    private let fold: Mutex<RunFold>

    /// `earlier` are the events of the same run from its journal, when it is resumed.
    package init(earlier: [RunEvent] = []) {
        fold = Mutex(earlier.reduce(into: RunFold()) { $0.add($1) })
    }

    package func observe(_ event: RunEvent) {
        fold.withLock { $0.add(event) }
    }

    /// The summary so far, with everything still open measured up to the last event.
    package var summary: RunSummary { fold.withLock { $0.finished() } }
}
