import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Redaction

/// Records every request with its body and response status, so that a client can be checked against the API's
/// description. Values of secrets and the API key are left out.
struct RecordingMiddleware: RouterMiddleware {
    /// Larger bodies are not JSON of this API.
    private static let maximumBytes = 4 << 20

    let recording: RequestRecording

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        var request = request
        var body: JSONValue?
        if request.headers[.contentType]?.contains("json") == true {
            let bytes = try await request.body.collect(upTo: Self.maximumBytes)
            request.body = RequestBody(buffer: bytes)
            body = try? JSONDecoder().decode(
                JSONValue.self, from: RawJSON(parsing: Data(bytes.readableBytesView)).redacted.data)
        }
        let response = try await next(request, context)
        await recording.append(
            RecordedRequest(
                method: request.method.rawValue, path: request.uri.path, query: request.uri.query, body: body,
                status: response.status.code))
        return response
    }
}

/// A line of a recording.
struct RecordedRequest: Encodable, Sendable {
    let method: String
    let path: String
    let query: String?
    let body: JSONValue?
    let status: Int
}

/// A file of recorded requests; consecutive control planes may append to it.
actor RequestRecording {
    private let file: URL

    init(file: URL) { self.file = file }

    func append(_ request: RecordedRequest) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(request) + Data("\n".utf8) else { return }
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        // A recording that cannot be written is noticed by its reader.
        guard descriptor >= 0 else { return }
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }
}
