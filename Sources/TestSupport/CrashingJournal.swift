package import Engine
import Synchronization

/// A journal whose disk gives up at one append: that one and all after it throw and leave nothing behind.
package final class CrashingJournal: Journal {
    package struct Crash: Error, Equatable, CustomStringConvertible {
        package var append: Int
        package var description: String { "no space left at append \(append)" }
    }

    private struct State {
        var appends = 0
        var kept: [RunEvent] = []
        var durable = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// `append` counts from 1.
    package init(crashingAt append: Int) { limit = append }

    /// What is in the file.
    package var events: [RunEvent] { state.withLock(\.kept) }

    /// What a machine that loses its power now still has: all up to the last durable append.
    package var durableEvents: [RunEvent] { state.withLock { Array($0.kept.prefix($0.durable)) } }

    package func append(_ event: RunEvent, durably: Bool) throws {
        try state.withLock { state in
            state.appends += 1
            if state.appends >= limit { throw Crash(append: state.appends) }
            state.kept.append(event)
            if durably { state.durable = state.kept.count }
        }
    }
}
