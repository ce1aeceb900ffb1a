package import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// This passes requests on and checks each of them, and its response, against the project's description of the API.
package final class ContractTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let document: OpenAPIDocument
    /// Requests to other addresses, such as agents and storage, are not checked.
    private let url: String
    private let found = Locked<(problems: Set<String>, operations: Set<String>)>(([], []))

    /// - Parameter url: the address of the control plane.
    package init(over base: any HTTPTransport, url: String, document: OpenAPIDocument) {
        self.base = base
        self.url = url
        self.document = document
    }

    /// Violations of the document so far.
    package var problems: [String] { found.withLock { $0.problems.sorted() } }

    /// The operations that were requested, as `GET /v2/deployments`.
    package var operations: Set<String> { found.withLock(\.operations) }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let response = try await base.send(request)
        guard request.url.hasPrefix(url), let parts = URLComponents(string: request.url) else { return response }
        let method = request.method.rawValue
        let query = (parts.queryItems ?? []).map { (name: $0.name, value: $0.value ?? "") }
        var problems = document.problems(
            inResponse: response.status, body: Self.json(response.body), to: method, path: parts.path)
        // A refused request may be one that a test made invalid on purpose.
        if response.status < 400 {
            problems += document.problems(
                inRequest: method, path: parts.path, query: query, body: Self.json(request.body))
        }
        let operation = document.operation(method, parts.path).map { "\(method) \($0.template)" }
        found.withLock { found in
            found.problems.formUnion(problems)
            if let operation { found.operations.insert(operation) }
        }
        return response
    }

    private static func json(_ body: HTTPRequest.Body) -> JSONValue? {
        if case .bytes(let data) = body { json(data) } else { nil }
    }

    private static func json(_ data: Data) -> JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: data) }
}
