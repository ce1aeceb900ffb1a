import Clocks
import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// The routes of the model, by method and path.
struct ModelRoutes: Sendable {
    typealias Handler = @Sendable (inout ModelWorld, ModelCall, [String]) throws(ModelProblem) -> ModelAnswer

    private let method: HTTPRequest.Method
    private let template: [Substring]
    private let handler: Handler

    private init(_ method: HTTPRequest.Method, _ template: String, _ handler: @escaping Handler) {
        self.method = method
        self.template = template.split(separator: "/")
        self.handler = handler
    }

    private static let all = [
        ModelRoutes(.get, "/v1/integrations/github/install", ModelReads.integrations),
        ModelRoutes(.get, "/v2/listeners", ModelReads.listeners),
        ModelRoutes(.get, "/v2/deployments", ModelReads.deployments),
        ModelRoutes(.post, "/v2/deployments", ModelChanges.createDeployment),
        ModelRoutes(.get, "/v2/deployments/{}", ModelReads.deployment),
        ModelRoutes(.patch, "/v2/deployments/{}", ModelChanges.patchDeployment),
        ModelRoutes(.delete, "/v2/deployments/{}", ModelChanges.deleteDeployment),
        ModelRoutes(.delete, "/v2/deployments", ModelChanges.deleteDeployments),
        ModelRoutes(.post, "/v2/deployments/{}/upload-url", ModelChanges.uploadURL),
        ModelRoutes(.get, "/v2/deployments/{}/revisions", ModelReads.revisions),
        ModelRoutes(.post, "/v2/deployments/{}/revisions", ModelChanges.createRevision),
        ModelRoutes(.get, "/v2/deployments/{}/revisions/{}", ModelReads.revision),
        ModelRoutes(.get, "/v2/deployments/{}/revisions/{}/logs", ModelReads.logs),
        ModelRoutes(.post, "/v1/projects/{}/revisions/{}/build_logs", ModelReads.olderBuildLogs),
        ModelRoutes(.post, "/v1/projects/{}/revisions/{}/deploy_logs", ModelReads.olderDeployLogs),
        ModelRoutes(.post, "/v2/deployments/{}/revisions/{}/redeploy", ModelChanges.redeploy),
        ModelRoutes(.post, "/v2/deployments/{}/revisions/{}/interruption", ModelChanges.interruption),
        ModelRoutes(.post, "/v2/deployments/{}/revisions/{}/interrupt", ModelChanges.interrupt),
    ]

    static func answer(_ call: ModelCall, in world: inout ModelWorld) throws(ModelProblem) -> ModelAnswer {
        if call.url.hasPrefix(world.storageURL + "/") { return try ModelChanges.upload(&world, call) }
        if call.host.hasSuffix(ModelControlPlane.agentSuffix) { return try ModelReads.agent(&world, call) }
        guard call.header("X-Api-Key") == world.key else { throw ModelProblem(401, "Unauthorized") }
        let segments = call.path.split(separator: "/")
        var isKnownPath = false
        for route in all {
            guard let captures = route.captures(segments) else { continue }
            isKnownPath = true
            guard route.method == call.method else { continue }
            guard captures.allSatisfy({ UUID(uuidString: $0) != nil }) else {
                throw ModelProblem(["path"], "Input should be a valid UUID")
            }
            return try route.handler(&world, call, captures)
        }
        throw isKnownPath ? ModelProblem(405, "Method Not Allowed") : .routeNotFound
    }

    private func captures(_ segments: [Substring]) -> [String]? {
        guard segments.count == template.count else { return nil }
        var captures: [String] = []
        for (segment, pattern) in zip(segments, template) {
            if pattern == "{}" { captures.append(String(segment)) } else if pattern != segment { return nil }
        }
        return captures
    }
}

/// A parsed request.
struct ModelCall: Sendable {
    let method: HTTPRequest.Method
    /// Without its query.
    let url: String
    let host: String
    let path: String
    let query: [String: String]
    private let items: [(name: String, value: String)]
    /// Null when there is none.
    let body: JSONValue
    let headers: [HTTPHeader]
    let now: MonotonicInstant

    /// Nil when the request cannot be parsed.
    init?(_ request: HTTPRequest, at now: MonotonicInstant) {
        guard let parts = URLComponents(string: request.url), let host = parts.host else { return nil }
        method = request.method
        url = String(request.url.prefix { $0 != "?" })
        self.host = host
        path = parts.path
        items = (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        query = Dictionary(items.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        guard let body = Self.body(of: request) else { return nil }
        self.body = body
        headers = request.headers
        self.now = now
    }

    private static func body(of request: HTTPRequest) -> JSONValue? {
        switch request.body {
        case .none: .null
        case .bytes(let data) where data.starts(with: [0x1f, 0x8b]): .null
        case .bytes(let data): try? JSONDecoder().decode(JSONValue.self, from: data)
        case .file(let path, let size): (try? Data(contentsOf: URL(filePath: path)))?.count == size ? .null : nil
        }
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The page of a list that is asked for. Throws `ModelProblem` when it is out of bounds.
    func page() throws(ModelProblem) -> (offset: Int, limit: Int) {
        guard let limit = Int(query["limit"] ?? "20"), 1...100 ~= limit else {
            throw ModelProblem(["query", "limit"], "Input should be between 1 and 100")
        }
        guard let offset = Int(query["offset"] ?? "0"), offset >= 0 else {
            throw ModelProblem(["query", "offset"], "Input should be greater than or equal to 0")
        }
        return (offset, limit)
    }

    /// The ids of a bulk request. Throws `ModelProblem` when one is not a UUID.
    func ids(named name: String) throws(ModelProblem) -> [String] {
        let ids = items.filter { $0.name == name }.map(\.value)
        guard !ids.isEmpty else { throw ModelProblem(["query", name], "Field required") }
        guard ids.allSatisfy({ UUID(uuidString: $0) != nil }) else {
            throw ModelProblem(["query", name], "Input should be a valid UUID")
        }
        return ids
    }
}

/// The response of a handler.
struct ModelAnswer: Sendable {
    var status: Int
    var body: JSONValue?

    init(_ status: Int = 200, _ body: JSONValue?) {
        self.status = status
        self.body = body
    }

    var response: HTTPResponse {
        let headers = body == nil ? [] : [HTTPHeader("Content-Type", "application/json")]
        return HTTPResponse(status: status, headers: headers, body: body.map(\.encoded) ?? Data())
    }
}

/// An error response.
struct ModelProblem: Error {
    var status: Int
    var detail: JSONValue

    init(_ status: Int, _ detail: String) {
        self.status = status
        self.detail = .string(detail)
    }

    /// An invalid field: 422 with a list, as FastAPI responds.
    init(field: [String], _ message: String) {
        self.init(["body"] + field, message)
    }

    /// - Parameter location: begins with `body`, `query` or `path`.
    init(_ location: [String], _ message: String) {
        status = 422
        let location = JSONValue.array(location.map { .string($0) })
        detail = .array([.object(["type": "value_error", "loc": location, "msg": .string(message)])])
    }

    static func deploymentNotFound(_ id: DeploymentID) -> ModelProblem {
        ModelProblem(404, "Deployment ID \(id) not found.")
    }

    static func revisionNotFound(_ id: RevisionID) -> ModelProblem {
        ModelProblem(404, "Revision ID \(id) not found.")
    }

    static let routeNotFound = ModelProblem(404, "Not Found")
}
