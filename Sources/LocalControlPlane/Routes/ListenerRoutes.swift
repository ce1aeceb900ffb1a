import Clocks
import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird

/// `/v2/listeners`: stored and returned as LangSmith does, without contacting a cluster.
struct ListenerRoutes: Sendable {
    private static let computeTypes = ["k8s"]

    let store: Store
    /// False answers 403 to everything but lists, as for a workspace without a self-hosted enterprise plan.
    let isAllowed: Bool
    let ids: @Sendable () -> String
    let clock: any RunClock

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.get("/v2/listeners", use: list)
            .post("/v2/listeners", use: create)
            .get("/v2/listeners/:listener_id", use: get)
            .patch("/v2/listeners/:listener_id", use: patch)
            .delete("/v2/listeners/:listener_id", use: delete)
    }

    @Sendable private func list(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        var query = QueryReader(request)
        let slice = query.slice(limits: 1...100)
        try query.validate()
        let records = try await store.listeners(of: context.tenantID, slice: slice)
        return try Response(json: PageResponse(records.map(ListenerResponse.init), slice: slice))
    }

    @Sendable private func create(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let body = try await BodyReader.read(request)
        let type = body.requiredString("compute_type")
        let computeID = body.requiredString("compute_id")
        let namespaces = body.object("compute_config", required: true)?.strings("k8s_namespaces")
        let version = body.string("version")
        if body.value("compute_type") != nil, !Self.computeTypes.contains(type) {
            body.report(.choice(body.path("compute_type"), of: Self.computeTypes, input: .string(type)))
        }
        try body.validate()
        try checkAllowed(context)
        let now = clock.date
        let listener = ListenerRecord(
            id: ids(), tenantID: context.tenantID, computeType: type, computeID: computeID, namespaces: namespaces,
            version: version, createdAt: now, updatedAt: now)
        guard try await store.create(listener) else {
            throw APIProblem(
                .conflict,
                "Listener for LangSmith workspace ID '\(context.tenantID)' and compute ID '\(computeID)' already exists."
            )
        }
        return try Response(json: ListenerResponse(listener), status: .created)
    }

    @Sendable private func get(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        try Response(json: ListenerResponse(try await find(context)))
    }

    @Sendable private func patch(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let body = try await BodyReader.read(request)
        let config = body.object("compute_config")
        let namespaces = config?.strings("k8s_namespaces")
        let version = body.string("version")
        try body.validate()
        var listener = try await find(context)
        listener.namespaces = config == nil ? listener.namespaces : namespaces
        listener.version = version ?? listener.version
        listener.updatedAt = clock.date
        try await store.update(listener)
        return try Response(json: ListenerResponse(listener))
    }

    @Sendable private func delete(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        try await store.removeListener(try await find(context).id)
        return Response(status: .noContent)
    }

    private func find(_ context: APIRequestContext) async throws -> ListenerRecord {
        let id = try context.uuid("listener_id")
        try checkAllowed(context)
        guard let listener = try await store.listener(id, of: context.tenantID) else {
            throw APIProblem(.notFound, "Listener ID \(id) not found.")
        }
        return listener
    }

    private func checkAllowed(_ context: APIRequestContext) throws {
        if isAllowed { return }
        throw APIProblem(
            .forbidden,
            "Listeners cannot be created for LangSmith workspace ID '\(context.tenantID)'. Creating listeners is only "
                + "allowed for LangSmith organizations with self-hosted enterprise plans.")
    }
}

/// A listener as the API returns it.
private struct ListenerResponse: Encodable, Sendable {
    private struct ComputeConfig: Encodable, Sendable {
        let namespaces: [String]?

        private enum CodingKeys: String, CodingKey {
            case namespaces = "k8s_namespaces"
        }
    }

    private let id: String
    private let computeType: String
    private let computeID: String
    private let computeConfig: ComputeConfig
    private let version: String?
    private let createdAt: Timestamp
    private let updatedAt: Timestamp

    init(_ record: ListenerRecord) {
        id = record.id
        computeType = record.computeType
        computeID = record.computeID
        computeConfig = ComputeConfig(namespaces: record.namespaces)
        version = record.version
        createdAt = Timestamp(record.createdAt)
        updatedAt = Timestamp(record.updatedAt)
    }

    private enum CodingKeys: String, CodingKey {
        case id, version
        case computeType = "compute_type"
        case computeID = "compute_id"
        case computeConfig = "compute_config"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}
