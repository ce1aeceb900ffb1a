import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

@testable import LocalControlPlane

/// Sends requests straight to a plane's router, by no socket.
struct RouterClient: Sendable {
    enum Method: String, Sendable {
        case get, post, put, patch, delete

        fileprivate var http: HTTPRequest.Method { HTTPRequest.Method(rawValue: rawValue.uppercased()) ?? .get }
    }

    private let responder: RouterResponder<PlaneContext>

    init(_ plane: Plane) { responder = plane.router().buildResponder() }

    func send(
        _ method: Method, _ path: String, bytes: ByteBuffer?, key: String?, tenant: String?
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        if let key { headers[.apiKey] = key }
        if let tenant { headers[.tenantID] = tenant }
        if bytes?.readableBytesView.first == UInt8(ascii: "{") { headers[.contentType] = "application/json" }
        let head = HTTPRequest(
            method: method.http, scheme: "http", authority: "127.0.0.1:1", path: path, headerFields: headers)
        let request = Request(head: head, body: RequestBody(buffer: bytes ?? ByteBuffer()))
        let response = try await responder.respond(to: request, context: PlaneContext(logger: Logger(label: "test")))
        let collector = BodyCollector()
        try await response.body.write(collector)
        return Answer(status: response.status.code, headers: response.headers, bytes: collector.bytes)
    }
}
