import ControlPlane
import FoundationEssentials
import Redaction
import Synchronization

/// The addresses of the deployments that a run has seen, which may get the key of the agent unasked.
package final class AgentAddresses: Sendable {
    private let known: Mutex<Set<String>>

    init(_ urls: [String] = []) {
        known = Mutex(Set(urls.map(Self.base)))
    }

    func add(_ url: String) { known.withLock { _ = $0.insert(Self.base(url)) } }

    /// Whether `url` is one of them, however it is written.
    func contains(_ url: String) -> Bool { known.withLock { $0.contains(Self.base(url)) } }

    private static func base(_ url: String) -> String {
        let path = URLComponents(string: url)?.percentEncodedPath
        let whole = Origin(ofURL: url).flatMap { origin in path.map { "\(origin)\($0)" } } ?? url
        return String(whole.reversed().drop { $0 == "/" }.reversed())
    }
}

extension StepServices {
    /// The key of the agent for a request to `url`: unasked only for a deployment of this run, since a workflow file may
    /// name any host.
    func agentKey(for url: String, isAsked: Bool) -> SecretValue? {
        isAsked || agentAddresses.contains(url) ? agentKey : nil
    }
}
