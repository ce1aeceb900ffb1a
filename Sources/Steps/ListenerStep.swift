import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import JSON
import WorkflowModel

/// `listener`: makes sure that a cluster has a listener for the given namespaces.
struct ListenerStep: Step {
    static let signature = StepSignature(
        uses: "listener",
        summary: "Makes sure that a cluster has a listener that serves the namespaces. It removes none.",
        inputs: [
            .init("compute-id", isRequired: true, "cluster, as its listener is registered"),
            .init("namespaces", isRequired: true, "list of the Kubernetes namespaces to serve"),
        ] + StepConnection.inputs,
        outputs: [
            .init("listener-id", "id of the listener", durable: true),
            .init("changed", "whether this step created or changed it"),
        ], access: .changes)

    private let cluster: String
    private let namespaces: [String]
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        cluster = inputs.string("compute-id") ?? ""
        namespaces = inputs.strings("namespaces")
        guard !cluster.isEmpty else { throw inputs.invalid("compute-id", "", "the name of a cluster") }
        guard !namespaces.isEmpty, namespaces.allSatisfy({ !$0.isEmpty }) else {
            throw inputs.invalid("namespaces", namespaces.joined(separator: ","), "a list of names")
        }
        self.services = services
    }

    func run(in context: StepContext) async throws {
        var change = ListenerChange(
            client: services.client.with(deadline: context.deadline), cluster: cluster, wanted: namespaces)
        let wasSent = context.previousAttempts.effects.contains { $0.effect == change.effect }
        let listener = try await explainingFailures(in: context, isInProgress: wasSent) {
            try await ChangeSender(context: context).send(&change, wasSent: wasSent)
        }
        context.output("listener-id", .string(listener.id))
        context.output("changed", .bool(wasSent || change.isNeeded))
        context.note("listener \(listener.id) serves \(namespaces.joined(separator: ", "))")
    }
}

/// Creates the listener of a cluster, or adds the namespaces that it lacks.
private struct ListenerChange: GuardedChange {
    let client: ControlPlaneClient
    let cluster: String
    let wanted: [String]
    private var found: Listener?
    /// Whether a read showed that something is missing.
    private(set) var isNeeded = false

    init(client: ControlPlaneClient, cluster: String, wanted: [String]) {
        self.client = client
        self.cluster = cluster
        self.wanted = wanted
    }

    var name: String { "listener request" }
    var effect: String { "ensure-listener" }
    var facts: [String: String] { ["compute-id": cluster, "namespaces": wanted.joined(separator: ",")] }

    mutating func mayStill(isRepeat: Bool) async throws -> MayStill<Listener> {
        found = try await read()
        if let found, missing(in: found).isEmpty { return .notNeeded(found) }
        isNeeded = true
        return .send
    }

    func send() async throws {
        if let found {
            try await client.setNamespaces(found.namespaces + missing(in: found), of: found)
        } else {
            try await client.createListener(computeID: cluster, namespaces: wanted)
        }
    }

    func made(by response: Void) async throws -> Listener {
        if let found = try await read(), missing(in: found).isEmpty { return found }
        throw StepFailure(
            .failed, code: "ListenerNotAsWanted",
            "listener of \(cluster) does not serve \(wanted.joined(separator: ", ")) although it was changed",
            hint: "check whether something else changes it")
    }

    func busy(_ why: String) -> StepFailure {
        StepFailure(
            .busy, code: "ListenerBusy", "cannot change the listener of \(cluster): \(why)", hint: "run it again")
    }

    private func missing(in listener: Listener) -> [String] {
        let known = Set(listener.namespaces)
        return wanted.filter { !known.contains($0) }
    }

    private func read() async throws -> Listener? {
        do {
            return try await client.listener(computeID: cluster)
        } catch is DecodingError {
            throw StepFailure(
                .unreachable, code: "UndecodableAnswer", "GET /v2/listeners: the response is not a list of listeners",
                hint: "check the address of the control plane")
        }
    }
}

/// The component that runs deployments in a customer's cluster, as far as the `listener` step needs it.
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
