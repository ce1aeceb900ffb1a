import Engine
import Synchronization

/// SIGINT and SIGTERM as they come: what nobody listened to yet is kept for the first who does.
final class SignalQueue: Sendable {
    typealias Listener = @Sendable (RunCancelled.Reason) -> Void

    private struct State {
        var listener: Listener?
        var unheard: [RunCancelled.Reason] = []
    }

    static let ofProcess = SignalQueue()

    private let state = Mutex(State())

    /// From now on every signal is told to `listener` and to no other.
    func listen(_ listener: @escaping Listener) {
        state.withLock { state in
            state.listener = listener
            for reason in state.unheard { listener(reason) }
            state.unheard = []
        }
    }

    /// No two signals are told at once, and none while the listener changes.
    func deliver(_ reason: RunCancelled.Reason) {
        state.withLock { state in
            if let listener = state.listener { listener(reason) } else { state.unheard.append(reason) }
        }
    }
}
