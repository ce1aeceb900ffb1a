import ControlPlaneTypes
import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Lets requests with the right key pass, and notes the workspace that they name.
struct AuthenticationMiddleware: RouterMiddleware {
    let key: APIKey
    var requiresTenant = false

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
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

/// The key that requests must carry. It does not describe itself.
struct APIKey: Sendable, CustomStringConvertible {
    private let digest: SHA256.Digest

    init(_ text: String) { digest = SHA256.hash(data: Data(text.utf8)) }

    /// Takes as long for a wrong key as for the right one.
    func matches(_ candidate: String) -> Bool {
        SHA256.hash(data: Data(candidate.utf8)) == digest
    }

    var description: String { "***" }

    /// The key of the environment; else the one in the file, which is made at the first start.
    ///
    /// - Throws: `ServerError` when the file can neither be read nor made.
    static func load(environment: [String: String], file: URL) throws -> APIKey {
        if let key = environment["LANGSMITH_API_KEY"], !key.isEmpty { return APIKey(key) }
        if let stored = try? String(contentsOf: file, encoding: .utf8) {  // absent: made below
            let key = stored.trimmingCharacters(in: .whitespacesAndNewlines)
            if !key.isEmpty { return APIKey(key) }
        }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes(\.hexadecimal)
        try PrivateFile.write(Data((key + "\n").utf8), to: file)
        return APIKey(key)
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
    }
}
