import ControlPlane
import Engine
import WorkflowModel

/// `listener`: sees to it that a cluster has a listener with the wanted namespaces.
struct ListenerStep: Step {
    static let signature = StepSignature(
        uses: "listener",
        summary: "Makes sure that a cluster has a listener, and that it serves the namespaces. It takes none away.",
        inputs: [
            .init("compute-id", isRequired: true, "the cluster, as its listener is registered"),
            .init("namespaces", isRequired: true, "the Kubernetes namespaces it has to serve, a list"),
        ],
        outputs: [
            .init("listener-id", "the listener", durable: true),
            .init("changed", "whether this step made or changed it"),
        ], access: .changes)

    private static let tries = 3

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
        let client = services.client.with(deadline: context.deadline)
        var isChanged = false
        for _ in 0...Self.tries {
            let found = try await find(client, isUnderWay: isChanged)
            if let found, missing(in: found).isEmpty {
                context.output("listener-id", .string(found.id))
                context.output("changed", .bool(isChanged))
                return context.note("listener \(found.id) serves \(namespaces.joined(separator: ", "))")
            }
            // Its answer is not trusted: what is there is read again, which also covers a lost one.
            try await change(found, client, context)
            isChanged = true
        }
        throw StepFailure(
            .failed, code: "ListenerNotAsWanted",
            "the listener of \(cluster) still does not serve \(namespaces.joined(separator: ", "))",
            hint: "see whether somebody else changes it")
    }

    private func missing(in listener: Listener) -> [String] {
        let known = Set(listener.namespaces)
        return namespaces.filter { !known.contains($0) }
    }

    private func find(_ client: ControlPlaneClient, isUnderWay: Bool) async throws -> Listener? {
        do {
            return try await explainingFailures(isUnderWay: isUnderWay) {
                try await client.listener(computeID: cluster)
            }
        } catch is DecodingError {
            throw StepFailure(
                .unreachable, code: "UndecodableAnswer", "GET /v2/listeners: the answer is no list of listeners",
                hint: "check the address of the control plane")
        }
    }

    private func change(_ found: Listener?, _ client: ControlPlaneClient, _ context: StepContext) async throws {
        do {
            try await context.perform(
                "ensure-listener", facts: ["compute-id": cluster, "namespaces": namespaces.joined(separator: ",")]
            ) {
                if let found {
                    try await client.setNamespaces(found.namespaces + missing(in: found), of: found)
                } else {
                    try await client.createListener(computeID: cluster, namespaces: namespaces)
                }
            }
        } catch let error as ControlPlaneError where error.kind == .ambiguous || error.kind == .conflict {
            context.warn("\(error.message): looking what is there")
        } catch let error as ControlPlaneError {
            throw StepFailure(error)
        }
    }
}
