import ControlPlaneTypes
import Hummingbird

/// The served repositories, as a GitHub integration shows them.
struct IntegrationRoutes: Sendable {
    let catalog: RepositoryCatalog

    func add(to router: some RouterMethods<PlaneContext>) {
        router.get("/v1/integrations/github/install") { _, _ in
            try Response(json: try await catalog.integrations())
        }
        router.get("/v1/integrations/github/:integration_id/repos", use: repositories)
    }

    @Sendable private func repositories(_ request: Request, _ context: PlaneContext) async throws -> Response {
        let id = try context.uuid("integration_id")
        guard id == catalog.integrationID else {
            throw APIProblem(.notFound, "Integration ID \(id) not found.")
        }
        return try Response(json: try await catalog.listings())
    }
}
