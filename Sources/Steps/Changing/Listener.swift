import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// What looks after deployments in a cluster of the user's own, as far as the `listener` step needs it.
struct Listener: Codable, Equatable {
    struct ComputeConfig: Codable, Equatable {
        var namespaces: [String]?

        private enum CodingKeys: String, CodingKey {
            case namespaces = "k8s_namespaces"
        }
    }

    var id: String
    var computeID: String
    var computeConfig: ComputeConfig

    var namespaces: [String] { computeConfig.namespaces ?? [] }

    private enum CodingKeys: String, CodingKey {
        case id
        case computeID = "compute_id"
        case computeConfig = "compute_config"
    }
}

extension Listener {
    /// Throws `DecodingError` for what is no listener.
    init(_ document: RawJSON) throws {
        self = try JSONDecoder().decode(Listener.self, from: document.data)
    }
}

/// What creates a listener, or changes one: then only `computeConfig` is given.
struct ListenerRequest: Encodable, Equatable {
    var computeType: String?
    var computeID: String?
    var computeConfig: Listener.ComputeConfig

    private enum CodingKeys: String, CodingKey {
        case computeType = "compute_type"
        case computeID = "compute_id"
        case computeConfig = "compute_config"
    }
}

extension ControlPlaneClient {
    private static var listenerPage: Int { 100 }

    /// The listener of a cluster; nil when there is none. Throws `DecodingError` for an answer that is no list.
    func listener(computeID: String) async throws -> Listener? {
        var offset = 0
        while true {
            let answer = try await raw(.get, path: "/v2/listeners?limit=\(Self.listenerPage)&offset=\(offset)")
            let page = try JSONDecoder().decode(ListenerPage.self, from: answer.body).resources
            if let found = page.first(where: { $0.computeID == computeID }) { return found }
            guard page.count == Self.listenerPage else { return nil }
            offset += page.count
        }
    }

    /// All of the workspace; nil where this control plane has none to list: an older one, or a plan without listeners.
    func listeners() async throws -> [Listener]? {
        do {
            return try await documents(.listeners).compactMap { try Listener($0) }
        } catch let error as ControlPlaneError where [.notSupported, .unauthorised].contains(error.kind) {
            return nil
        }
    }

    func createListener(computeID: String, namespaces: [String]) async throws {
        let request = ListenerRequest(
            computeType: "k8s", computeID: computeID, computeConfig: .init(namespaces: namespaces))
        _ = try await raw(.post, path: "/v2/listeners", body: JSONEncoder().encode(request))
    }

    func setNamespaces(_ namespaces: [String], of listener: Listener) async throws {
        let request = ListenerRequest(computeConfig: .init(namespaces: namespaces))
        _ = try await raw(.patch, path: "/v2/listeners/\(listener.id)", body: JSONEncoder().encode(request))
    }
}

private struct ListenerPage: Decodable {
    var resources: [Listener]
}
