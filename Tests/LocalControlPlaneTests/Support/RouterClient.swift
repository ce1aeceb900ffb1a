import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Testing

@testable import LocalControlPlane

/// Sends requests straight to a plane's router, by no socket.
struct RouterClient: Sendable {
    enum Method: String, Sendable {
        case get, post, put, patch, delete

        fileprivate var http: HTTPRequest.Method { HTTPRequest.Method(rawValue: rawValue.uppercased()) ?? .get }
    }

    private let responder: RouterResponder<APIRequestContext>

    init(_ components: ServerComponents) { responder = components.router().buildResponder() }

    func send(
        _ method: Method, _ path: String, bytes: ByteBuffer?, key: String?, tenant: String?
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        if let key { headers[.apiKey] = key }
        if let tenant { headers[.tenantID] = tenant }
        if bytes?.readableBytesView.first == UInt8(ascii: "{") { headers[.contentType] = "application/json" }
        let head = HTTPRequest(
            method: method.http, scheme: "http", authority: "127.0.0.1:1", path: path, headerFields: headers)
        let request = Request(head: head, body: RequestBody(buffer: bytes ?? ByteBuffer()))
        let response = try await responder.respond(
            to: request, context: APIRequestContext(logger: Logger(label: "test")))
        let collector = BodyCollector()
        try await response.body.write(collector)
        return TestResponse(status: response.status.code, headers: response.headers, bytes: collector.bytes)
    }
}

/// What a route answered.
struct TestResponse: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: Data

    var json: JSONValue {
        get throws { try JSONDecoder().decode(JSONValue.self, from: bytes) }
    }

    func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: bytes)
    }

    var detail: String? {
        guard case .message(let text) = try? decoded(as: ErrorBody.self).detail else { return nil }
        return text
    }

    /// `path: message` of every problem of a 422.
    var problems: [String] {
        guard case .problems(let list) = try? decoded(as: ErrorBody.self).detail else { return [] }
        return list.map { "\($0.path): \($0.type)" }
    }
}

/// Takes a response's body.
final class BodyCollector: ResponseBodyWriter {
    private(set) var bytes = Data()

    func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
