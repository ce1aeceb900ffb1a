import ControlPlaneTypes
import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Accepts requests with the right API key and sets the workspace that they name.
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

/// Refuses every change, for a control plane that only shows what is recorded.
struct ReadOnlyMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            throw APIProblem(.forbidden, "The control plane is read-only")
        }
        return try await next(request, context)
    }
}

extension HTTPField.Name {
    // Both names are valid, so the fallbacks are never used.
    static let apiKey = HTTPField.Name("X-Api-Key") ?? .authorization
    static let tenantID = HTTPField.Name("X-Tenant-Id") ?? .authorization
}

/// The API key that requests must send; its description does not reveal it.
struct APIKey: Sendable, CustomStringConvertible {
    private let digest: SHA256.Digest
    let isFromFile: Bool

    init(_ text: String, isFromFile: Bool = false) {
        digest = SHA256.hash(data: Data(text.utf8))
        self.isFromFile = isFromFile
    }

    /// Compares digests, so that the time does not depend on how much of the key matches.
    func matches(_ candidate: String) -> Bool {
        SHA256.hash(data: Data(candidate.utf8)) == digest
    }

    var description: String { "***" }

    /// The key from the environment, else from the file, which is created at the first start.
    ///
    /// - Throws: `ServerError` when the file can be neither read nor created.
    static func load(environment: [String: String], file: URL) throws -> APIKey {
        if let key = environment["LANGSMITH_API_KEY"], !key.isEmpty { return APIKey(key) }
        if let stored = try? String(contentsOf: file, encoding: .utf8) {  // missing: created below
            let key = stored.trimmingCharacters(in: .whitespacesAndNewlines)
            if !key.isEmpty { return APIKey(key, isFromFile: true) }
        }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes(\.hexadecimal)
        try PrivateFile.write(Data((key + "\n").utf8), to: file)
        return APIKey(key, isFromFile: true)
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case digits per byte.
    var hexadecimal: String {
        map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
    }
}
