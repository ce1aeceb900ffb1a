import ControlPlaneTypes
import FoundationEssentials
import JSON

/// Why the control plane did not do what was asked, and what to do about it.
package struct ControlPlaneError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        /// No answer, after all the retries.
        case unreachable
        case certificate
        case proxy
        case redirected
        /// 401 or 403.
        case unauthorised
        case notFound
        case conflict
        /// 400, 422 and other refusals of the request as it is.
        case rejected
        case rateLimited
        /// 5xx on a read.
        case serverError
        /// A change whose answer was lost: it may have been made or not.
        case ambiguous
        /// This control plane is older than the endpoint.
        case notSupported
        /// An answer that is not what the API documents, again and again.
        case undecodable
        /// A local file could not be sent.
        case unreadableFile
        /// The address, the key or the workspace given to us is missing or malformed.
        case configuration
    }

    package var kind: Kind
    /// What failed, where and why; without secrets.
    package var message: String
    /// What to do next, naming the flag or variable.
    package var hint: String?
    /// The HTTP status, when there was an answer.
    package var status: Int?
    /// Such as `GET /v2/deployments/{id}`.
    package var endpoint: String?

    package init(
        _ kind: Kind, _ message: String, hint: String? = nil, status: Int? = nil, endpoint: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.status = status
        self.endpoint = endpoint
    }

    package var description: String {
        hint.map { "\(message) (\($0))" } ?? message
    }
}

/// Turns what went wrong with one call into the error that the caller sees.
struct CallFailure: Sendable {
    let endpoint: String
    let host: String
    /// Whether a lost answer leaves open what became of it.
    let isChange: Bool
    let isNewer: Bool
    let hasTenant: Bool
    let text: AnswerText

    /// There was no whole answer.
    func noAnswer(_ error: TransportError) -> ControlPlaneError {
        let detail = text.line(error.message)
        switch error.kind {
        case .untrustedCertificate:
            return make(
                .certificate, detail,
                hint: "name a PEM file with the right certificate authority in SSL_CERT_FILE or CURL_CA_BUNDLE")
        case .proxy:
            return make(.proxy, detail, hint: "check https_proxy and its login, or name the host in NO_PROXY")
        case .crossOriginRedirect, .redirectLoop:
            return make(
                .redirected, detail + "; the API key is not sent there",
                hint: "give the final address with --control-plane")
        case .invalidRequest:
            return make(.configuration, detail, hint: "check --control-plane and the API key")
        case .rateLimited:
            return make(.rateLimited, detail, hint: "wait, or give more time with --timeout")
        case .nameNotResolved, .connectionRefused, .tlsHandshake, .timeout, .connectionLost, .bodyTruncated,
            .bodyTooLarge, .other:
            if isChange && error.mayHaveBeenProcessed { return ambiguous(detail) }
            return make(.unreachable, detail, hint: Self.hintToReach)
        }
    }

    /// An answer that is no 2xx.
    func refusal(_ response: HTTPResponse) -> ControlPlaneError {
        let status = response.status
        let detail = detail(of: response)
        switch status {
        case 401, 403:
            return make(.unauthorised, detail, hint: authorisationHint(detail), status: status)
        case 404, 405:
            return isNewer || status == 405
                ? make(.notSupported, detail, hint: "this control plane is older than the endpoint", status: status)
                : make(
                    .notFound, detail, hint: "check the id, the workspace (--tenant-id) and the host (--control-plane)",
                    status: status)
        case 407:
            return make(
                .proxy, detail, hint: "check http_proxy and its login, or name the host in NO_PROXY", status: status)
        case 409: return make(.conflict, detail, status: status)
        case 429:
            return make(.rateLimited, detail, hint: "wait, or watch fewer deployments with this key", status: status)
        case 300..<400:
            return make(.redirected, detail, hint: "give the final address with --control-plane", status: status)
        case 408, 425, 500..., ..<300:
            if isChange && status != 501 { return ambiguous(detail, status: status) }
            return make(.serverError, detail, hint: Self.hintToReach, status: status)
        default: return make(.rejected, detail, status: status)
        }
    }

    /// A 2xx answer that is not what the API documents.
    func undecodable(_ response: HTTPResponse, _ error: any Error) -> ControlPlaneError {
        let reason =
            (error as? DecodingError).map(Self.reason) ?? (error as? RawJSONError)?.description ?? "not readable"
        let detail = "HTTP \(response.status), \(reason): \(snippet(response.body))"
        if isChange { return ambiguous(detail, status: response.status) }
        return make(
            .undecodable, detail, hint: "check that --control-plane is the address of the API, and not of a login page",
            status: response.status)
    }

    private func ambiguous(_ detail: String, status: Int? = nil) -> ControlPlaneError {
        make(.ambiguous, "\(detail); the change may have been made or not", status: status)
    }

    private func make(
        _ kind: ControlPlaneError.Kind, _ detail: String, hint: String? = nil, status: Int? = nil
    ) -> ControlPlaneError {
        ControlPlaneError(kind, "\(endpoint) at \(host): \(detail)", hint: hint, status: status, endpoint: endpoint)
    }

    private func authorisationHint(_ detail: String) -> String {
        if detail.lowercased().contains("requires workspace specification")
            || (!hasTenant && detail.contains("X-Tenant-Id"))
        {
            return "the key belongs to an organization: name the workspace with --tenant-id or LANGSMITH_TENANT_ID "
                + "(header X-Tenant-Id)"
        }
        return "check the key in LANGGRAPH_HOST_API_KEY, LANGSMITH_API_KEY or LANGCHAIN_API_KEY, and the workspace in "
            + "LANGSMITH_TENANT_ID"
    }

    /// `detail` of the API's own error body, or the beginning of whatever came instead.
    private func detail(of response: HTTPResponse) -> String {
        // A body that is not the API's own is shown as it is, so nothing is lost here.
        if let detail = (try? JSONDecoder().decode(ErrorBody.self, from: response.body))?.detail {
            return "HTTP \(response.status): \(text.line(detail.text))"
        }
        return response.body.isEmpty
            ? "HTTP \(response.status)" : "HTTP \(response.status): \(snippet(response.body))"
    }

    private func snippet(_ body: Data) -> String {
        body.isEmpty ? "empty" : text.snippet(body)
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "no field \(path(context.codingPath + [key]))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "wrong type at \(path(context.codingPath))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : "wrong value at \(path(context.codingPath))"
        @unknown default: "not readable"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static let hintToReach = "check the host (--control-plane, LANGGRAPH_HOST_URL) and the network"
}
