import ControlPlaneTypes
import Git
import Hummingbird

/// The served repositories as one GitHub integration; there are no forge integrations.
struct IntegrationRoutes: Sendable {
    let catalog: RepositoryCatalog

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.get("/v1/integrations/github/install") { _, _ in
            try Response(json: try await catalog.integrations())
        }
        router.get("/v1/integrations/forge/github/install") { _, _ in
            try Response(json: [GithubIntegration]())
        }
        router.get("/v1/integrations/github/:integration_id/repos", use: repositories)
            .get("/v1/integrations/forge/github/:integration_id/repos", use: noRepositories)
            .get("/v2/integrations/github/installations", use: installations)
            .get("/v2/integrations/github/installations/:integration_id/repositories", use: repositoryPage)
            .get("/v2/integrations/forge-github/installations") { request, _ in
                _ = try slice(request)
                return try Response(json: CursorPage([GithubIntegration](), slice: nil))
            }
            .get("/v2/integrations/forge-github/installations/:integration_id/repositories", use: noRepositories)
    }

    @Sendable private func repositories(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        try checkIntegration(context)
        return try Response(json: try await catalog.listings())
    }

    @Sendable private func noRepositories(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        throw noIntegration(try context.uuid("integration_id"))
    }

    @Sendable private func installations(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let slice = try slice(request)
        return try Response(json: CursorPage(try await catalog.integrations(), slice: slice))
    }

    @Sendable private func repositoryPage(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        try checkIntegration(context)
        let slice = try slice(request)
        return try Response(json: CursorPage(try await catalog.listings(), slice: slice))
    }

    private func slice(_ request: Request) throws -> PageSlice {
        var query = QueryReader(request)
        let limit = query.integer("page_size", in: 1...100, default: 20)
        try query.validate()
        return PageSlice(limit: limit, offset: query.string("cursor").flatMap(Int.init).map { max(0, $0) } ?? 0)
    }

    private func checkIntegration(_ context: APIRequestContext) throws {
        let id = try context.uuid("integration_id")
        if id != catalog.integrationID { throw noIntegration(id) }
    }

    private func noIntegration(_ id: String) -> APIProblem {
        APIProblem(.notFound, "Integration ID \(id) not found.")
    }
}

/// One page of a list with a cursor.
private struct CursorPage<Item: Encodable & Sendable>: Encodable, Sendable {
    private let items: [Item]
    private let nextCursor: String?

    /// - Parameter slice: nil returns all.
    init(_ all: [Item], slice: PageSlice?) {
        let slice = slice ?? PageSlice(limit: all.count, offset: 0)
        let rest = all.dropFirst(slice.offset)
        items = Array(rest.prefix(slice.limit))
        nextCursor = rest.count > slice.limit ? String(slice.offset + slice.limit) : nil
    }

    private enum CodingKeys: String, CodingKey {
        case items
        case nextCursor = "next_cursor"
    }
}

/// Adds a served repository while the control plane runs; not part of LangSmith's API.
struct RepositoryRoutes: Sendable {
    let catalog: RepositoryCatalog

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.post("/internal/repositories", use: serve)
    }

    @Sendable private func serve(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let body = try await BodyReader.read(request)
        let path = body.requiredString("path")
        try body.validate()
        do {
            return try Response(json: ["path": try await catalog.serve(path)], status: .created)
        } catch let error as GitError {
            throw APIProblem.badRequest(error.message)
        }
    }
}
