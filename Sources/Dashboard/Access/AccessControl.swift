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

    /// - Parameter token: of the printed link.
    init(token: String) { state = Mutex(State(link: Self.digest(token))) }

    /// The secret of a new session; nil for a token that is wrong or was used before.
    func redeem(_ token: String, making secret: () -> String = Unguessable.text) -> String? {
        state.withLock { state in
            guard state.link == Self.digest(token) else { return nil }
            state.link = nil
            let session = secret()
            state.sessions[Self.digest(session)] = Session(formToken: secret())
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

/// Text that nobody can guess: 256 bits.
enum Unguessable {
    static func text() -> String {
        (0..<4).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
