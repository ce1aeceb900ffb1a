import ControlPlaneTypes
import Redaction

/// The key in use, shared by all copies of a client: one that comes from a file may be replaced there while a run goes
/// on (docs/failures.md, row 15).
final class APIKey: Sendable {
    private let credentials: Credentials
    /// Newest first, none twice.
    private let keys: Locked<[SecretValue]>

    init(_ credentials: Credentials) {
        self.credentials = credentials
        keys = Locked([credentials.apiKey])
    }

    var current: SecretValue { keys.withLock(\.first) ?? credentials.apiKey }

    /// All that were in use: an answer may repeat any of them.
    var all: [SecretValue] { keys.withLock(\.self) }

    /// Reads the file again; the new key when it holds another one than before, nil otherwise.
    func renew() -> SecretValue? {
        // A file that is gone or being written is looked at again before the next try.
        guard let reread = credentials.reread, let text = try? reread(),
            let key = try? Credentials(apiKey: text, source: credentials.source).apiKey
        else { return nil }
        return keys.withLock { keys in
            guard keys.first?.reveal() != key.reveal() else { return nil }
            keys.removeAll { $0.reveal() == key.reveal() }
            keys.insert(key, at: 0)
            return key
        }
    }
}
