package import ControlPlane
package import Engine
import Synchronization

/// A process that is killed before or after one append to its journal: from then on nothing more is written, and no
/// request leaves. What was written stays, as a kill leaves it.
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

    /// `append` counts from 1; `earlier` is what the journal of the run holds already.
    package init(at append: Int, _ moment: Moment, over base: any HTTPTransport, earlier: [RunEvent] = []) {
        limit = append
        self.moment = moment
        self.base = base
        state = Mutex(State(kept: earlier))
    }

    /// What is in the file.
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
        // What was about to happen next does not: a durable append is followed by a change.
        if dies, durably { throw JournalError("the process is dead") }
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if isDead { throw CancellationError() }
        return try await base.send(request)
    }
}
