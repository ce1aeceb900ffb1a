import ControlPlaneTypes
import Git
import Hummingbird

/// Serves one more repository while the plane runs; not part of the control plane's API.
struct RepositoryRoutes: Sendable {
    let catalog: RepositoryCatalog

    func add(to router: some RouterMethods<PlaneContext>) {
        router.post("/internal/repositories", use: serve)
    }

    @Sendable private func serve(_ request: Request, _ context: PlaneContext) async throws -> Response {
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
