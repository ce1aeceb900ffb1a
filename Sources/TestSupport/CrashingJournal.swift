package import ControlPlane
package import Engine
import Synchronization

/// A journal whose disk is full from one append on: that append and all later ones throw and write nothing.
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

    /// The events in the file.
    package var events: [RunEvent] { state.withLock(\.kept) }

    /// The events that survive a power failure: all up to the last durable append.
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

/// A process that is killed before or after one append to its journal: from then on nothing is written and no request
/// is sent. Earlier events stay.
package final class KilledProcess: Journal, HTTPTransport {
    package enum Moment: Sendable, CaseIterable { case before, after }

    private struct State {
        var appends = 0
        var kept: [RunEvent]
        var isDead = false
    }

    private let limit: Int
    private let moment: Moment
    private let base: any HTTPTransport
    private let state: Mutex<State>

    /// `append` counts from 1; `earlier` are the events that the journal already has.
    package init(at append: Int, _ moment: Moment, over base: any HTTPTransport, earlier: [RunEvent] = []) {
        limit = append
        self.moment = moment
        self.base = base
        state = Mutex(State(kept: earlier))
    }

    /// The events in the file.
    package var events: [RunEvent] { state.withLock(\.kept) }

    package var isDead: Bool { state.withLock(\.isDead) }

    package func append(_ event: RunEvent, durably: Bool) throws {
        let dies = try state.withLock { state in
            if state.isDead { throw JournalError("the process is dead") }
            state.appends += 1
            let dies = state.appends == limit
            if !dies || moment == .after { state.kept.append(event) }
            state.isDead = dies
            return dies
        }
        // A durable append precedes a change, which must not happen any more.
        if dies, durably { throw JournalError("the process is dead") }
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if isDead { throw CancellationError() }
        return try await base.send(request)
    }
}
