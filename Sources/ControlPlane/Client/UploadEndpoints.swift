import Clocks
package import ControlPlaneTypes
import Redaction

extension ControlPlaneClient {
    /// Requests a URL for a source archive; may be repeated.
    package func requestUpload(for id: DeploymentID) async throws -> UploadTarget {
        try await read(
            APICall(.post, "/v2/deployments/{id}/upload-url", [id.rawValue]).repeatable.with(body: UploadURLRequest()))
    }

    /// Uploads the gzip archive of `size` bytes at `path` to `target`, without the API key: the storage belongs to
    /// another party.
    package func upload(archive path: String, size: Int, to target: UploadTarget) async throws {
        var request = HTTPRequest(.put, target.uploadURL, body: .file(path: path, size: size), deadline: deadline)
        request.headers = [HTTPHeader("Content-Type", "application/gzip")] + Self.uploadHeaders(target)
        request.endpoint = "PUT upload"
        request.limits.idle = .seconds(60)
        request.limits.total = nil
        request.redirects = .toAnyOrigin
        request.resource = request.endpoint
        // Nothing is deployed until a revision names the archive, and a second upload replaces the first.
        request.isRepeatable = true
        let failure = failure(ofUpload: request)
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch let error as TransportError where error.kind == .invalidRequest {
            throw ControlPlaneError(.unreadableFile, error.message, endpoint: request.endpoint)
        } catch let error as TransportError {
            throw explanation(of: failure.noAnswer(error))
        }
        guard 200..<300 ~= response.status else { throw refusal(of: response, failure) }
    }

    private static func uploadHeaders(_ target: UploadTarget) -> [HTTPHeader] {
        guard let headers = target.uploadHeaders else {
            return [HTTPHeader("X-Goog-Content-Length-Range", "0,\(largestArchive)")]
        }
        return headers.filter { $0.key.lowercased() != "content-type" }
            .sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) }
    }

    private func failure(ofUpload request: HTTPRequest) -> CallFailure {
        CallFailure(
            endpoint: request.endpoint, path: request.endpoint, host: request.origin?.host ?? "the storage",
            isChange: false, isNewer: false,
            hasTenant: true, keySource: "none", followsContact: false,
            text: AnswerText(hiding: key.all))
    }

    /// The signature in the URL is the only credential, so a rejection is never about the API key.
    private func refusal(of response: HTTPResponse, _ failure: CallFailure) -> ControlPlaneError {
        var error = explanation(of: failure.refusal(response, now: clock.date))
        if [.unauthorised, .notFound, .notSupported].contains(error.kind) {
            error.kind = .rejected
            error.hint = "retry, since upload URLs expire, and check the archive's size"
        }
        return error
    }

    /// The address of the storage is the control plane's choice, not the user's.
    private func explanation(of error: ControlPlaneError) -> ControlPlaneError {
        var error = error
        if error.kind == .redirected {
            error.hint = "ask the operator of the control plane: its storage redirects uploads where they cannot go"
        }
        return error
    }

    /// The limit of the service, in bytes: 200 MiB.
    package static var largestArchive: Int { 209_715_200 }
}
