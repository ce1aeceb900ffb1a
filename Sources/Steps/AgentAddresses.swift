import ControlPlane
import Synchronization

/// The addresses of the deployments that a run has seen, which may get the key of the agent unasked.
package final class AgentAddresses: Sendable {
    private let known: Mutex<Set<String>>

    init(_ urls: [String] = []) {
        known = Mutex(Set(urls.map(Self.base)))
    }

    func add(_ url: String) { known.withLock { _ = $0.insert(Self.base(url)) } }

    /// Whether `url` is one of them.
    func contains(_ url: WebAddress) -> Bool { known.withLock { $0.contains(Self.base(url.text)) } }

    private static func base(_ url: String) -> String {
        String(url.reversed().drop { $0 == "/" }.reversed())
    }
}
