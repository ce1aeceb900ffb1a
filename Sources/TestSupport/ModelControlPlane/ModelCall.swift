import Clocks
import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// A request as the model's handlers see it.
struct ModelCall: Sendable {
    let method: HTTPRequest.Method
    let host: String
    let path: String
    let query: [String: String]
    /// Null when there is none.
    let body: JSONValue
    let headers: [HTTPHeader]
    let now: MonotonicInstant

    /// Nil when the request is none that a server could read.
    init?(_ request: HTTPRequest, at now: MonotonicInstant) {
        guard let parts = URLComponents(string: request.url), let host = parts.host else { return nil }
        method = request.method
        self.host = host
        path = parts.path
        query = Dictionary(
            (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
        guard let body = Self.body(of: request) else { return nil }
        self.body = body
        headers = request.headers
        self.now = now
    }

    private static func body(of request: HTTPRequest) -> JSONValue? {
        switch request.body {
        case .none: .null
        case .bytes(let data): try? JSONDecoder().decode(JSONValue.self, from: data)
        case .file(let path, let size): (try? Data(contentsOf: URL(filePath: path)))?.count == size ? .null : nil
        }
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Which page of a list is asked for. Throws `ModelProblem` when it is out of bounds.
    func page() throws(ModelProblem) -> (offset: Int, limit: Int) {
        guard let limit = Int(query["limit"] ?? "20"), 1...100 ~= limit else {
            throw ModelProblem(field: ["limit"], "Input should be between 1 and 100")
        }
        guard let offset = Int(query["offset"] ?? "0"), offset >= 0 else {
            throw ModelProblem(field: ["offset"], "Input should be greater than or equal to 0")
        }
        return (offset, limit)
    }
}
