import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird

/// Lets requests with the right key pass, and notes the workspace that they name.
struct AuthenticationMiddleware: RouterMiddleware {
    let key: APIKey
    var requiresTenant = false

    func handle(
        _ request: Request, context: PlaneContext, next: (Request, PlaneContext) async throws -> Response
    ) async throws -> Response {
        guard let candidate = request.headers[.apiKey], !candidate.isEmpty else {
            throw APIProblem(.unauthorized, "Not authenticated", headers: [.wwwAuthenticate: "APIKey"])
        }
        guard key.matches(candidate) else { throw APIProblem(.forbidden, "Forbidden") }
        var context = context
        if let tenant = request.headers[.tenantID], !tenant.isEmpty {
            guard let id = UUID(uuidString: tenant) else {
                throw APIProblem([.uuid([.key("header"), .key("x-tenant-id")], input: .string(tenant))])
            }
            context.tenantID = id.uuidString.lowercased()
        } else if requiresTenant {
            throw APIProblem(.forbidden, "This API key is org-scoped and requires workspace specification")
        }
        return try await next(request, context)
    }
}

extension HTTPField.Name {
    // Both are valid names, so the alternatives are never taken.
    static let apiKey = HTTPField.Name("X-Api-Key") ?? .authorization
    static let tenantID = HTTPField.Name("X-Tenant-Id") ?? .authorization
}
