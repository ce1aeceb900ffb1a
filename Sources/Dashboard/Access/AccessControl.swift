import Crypto
import Foundation
import Synchronization

/// The sessions of the dashboard: the printed link starts one, once.
final class AccessControl: Sendable {
    /// What a browser that has signed in gets.
    struct Session: Sendable, Equatable {
        /// Sent back by every form, so that another page cannot post one.
        let formToken: String
    }

    private struct State {
        var link: SHA256.Digest?
        var sessions: [SHA256.Digest: Session] = [:]
    }

    private let state: Mutex<State>
    private let newSecret: @Sendable () -> String

    /// - Parameters:
    ///   - token: of the printed link.
    ///   - newSecret: makes text that nobody can guess.
    init(token: String, newSecret: @escaping @Sendable () -> String) {
        state = Mutex(State(link: Self.digest(token)))
        self.newSecret = newSecret
    }

    /// The secret of a new session; nil for a token that is wrong or was used before.
    func redeem(_ token: String) -> String? {
        state.withLock { state in
            guard state.link == Self.digest(token) else { return nil }
            state.link = nil
            let session = newSecret()
            state.sessions[Self.digest(session)] = Session(formToken: newSecret())
            return session
        }
    }

    func session(_ secret: String?) -> Session? {
        guard let secret, !secret.isEmpty else { return nil }
        return state.withLock { $0.sessions[Self.digest(secret)] }
    }

    /// Secrets are compared by their digests, so that the time does not depend on how much of one matches.
    private static func digest(_ text: String) -> SHA256.Digest { SHA256.hash(data: Data(text.utf8)) }
}
