import Synchronization

/// A journal for runs that change nothing, and for tests.
package final class MemoryJournal: Journal {
    private let kept = Mutex<[RunEvent]>([])

    package init() {}

    package var events: [RunEvent] { kept.withLock(\.self) }

    package func append(_ event: RunEvent, durably: Bool) throws {
        kept.withLock { $0.append(event) }
    }
}
