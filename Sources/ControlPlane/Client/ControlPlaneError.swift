import ControlPlaneTypes
import FoundationEssentials
import JSON

/// The error of a call to the control plane, with a hint.
package struct ControlPlaneError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        /// No response after all retries, or, once the control plane has given a good response, only responses of
        /// something in between.
        case unreachable
        case certificate
        case proxy
        case redirected
        /// 401 or 403.
        case unauthorised
        case notFound
        case conflict
        /// 400, 422 and other client errors.
        case rejected
        case rateLimited
        /// 5xx on a read.
        case serverError
        /// The response to a change was lost: it may or may not have been made.
        case ambiguous
        /// This control plane is older than the endpoint.
        case notSupported
        /// Repeated responses that do not match the API.
        case undecodable
        /// A local file cannot be read.
        case unreadableFile
        /// The address, the key or the workspace is missing or invalid.
        case configuration
    }

    package var kind: Kind
    /// What failed, where and why, without secrets.
    package var message: String
    /// What to do, with the flag or variable to change.
    package var hint: String?
    /// The HTTP status if there was a response.
    package var status: Int?
    /// Such as `GET /v2/deployments/{id}`.
    package var endpoint: String?
    /// Whether the call was certainly not executed, so that it can be sent again: it never reached the control plane,
    /// or its rate limiter refused it.
    package var isCertainlyNotExecuted = false
    /// How long the control plane asks to wait before the next call, at most two minutes.
    package var retryAfter: Duration?

    package init(
        _ kind: Kind, _ message: String, hint: String? = nil, status: Int? = nil, endpoint: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.status = status
        self.endpoint = endpoint
    }

    /// Whether the control plane could not be read, which says nothing about the deployment.
    package var isOutage: Bool { [.unreachable, .serverError, .rateLimited].contains(kind) }

    /// Whether a change certainly did not take effect.
    package var isRefusal: Bool {
        isCertainlyNotExecuted
            || [.unauthorised, .notFound, .conflict, .rejected, .rateLimited, .notSupported].contains(kind)
    }

    package var description: String {
        hint.map { "\(message) (\($0))" } ?? message
    }
}

/// Creates the errors of one call from failed exchanges and responses.
struct CallFailure: Sendable {
    let endpoint: String
    /// The method and the path that was requested, without its query.
    let path: String
    let host: String
    /// Whether the call changes something, so that a lost response leaves the outcome unknown.
    let isChange: Bool
    let isNewer: Bool
    let hasTenant: Bool
    /// Where the key came from: the name of a variable, or a flag.
    let keySource: String
    /// Whether the control plane has given a good response before.
    let followsContact: Bool
    let text: AnswerText

    /// The error for a call without a complete response.
    func noAnswer(_ error: TransportError) -> ControlPlaneError {
        var failure = attributed(explanation(of: error), to: .failure(error))
        failure.retryAfter = error.retryAfter
        return failure
    }

    private func explanation(of error: TransportError) -> ControlPlaneError {
        let detail = text.line(error.message)
        switch error.kind {
        case .untrustedCertificate:
            return make(
                .certificate, detail,
                hint: "set SSL_CERT_FILE or CURL_CA_BUNDLE to a PEM file with the server's certificate authority")
        case .proxy:
            return make(.proxy, detail, hint: "check https_proxy and its login, or add the host to NO_PROXY")
        case .invalidProxy:
            return make(
                .configuration, detail,
                hint: "correct HTTPS_PROXY, http_proxy or ALL_PROXY; percent-encode special characters of its login")
        case .crossOriginRedirect, .redirectLoop:
            return make(
                .redirected, detail + "; the API key was not sent there",
                hint: "set --control-plane to the final address")
        case .notHTTP:
            return make(.configuration, detail, hint: "check --control-plane: it is not the address of an HTTP server")
        case .invalidRequest:
            return make(.configuration, detail, hint: "check --control-plane and the API key")
        case .rateLimited:
            return make(.rateLimited, detail, hint: "wait, or raise --timeout")
        case .nameNotResolved, .connectionRefused, .tlsHandshake, .timeout, .connectionLost, .bodyTruncated,
            .bodyTooLarge, .other:
            let unreachable = make(.unreachable, detail, hint: Self.hintToReach)
            return isChange && error.mayHaveBeenProcessed ? ambiguous(unreachable) : unreachable
        }
    }

    /// The error for a response other than 2xx; `now` is the time by the wall clock.
    func refusal(_ response: HTTPResponse, now: Date) -> ControlPlaneError {
        var failure = attributed(explanation(of: response), to: .success(response))
        failure.retryAfter = RetryPolicy().retryAfter(in: response, now: now)
        return failure
    }

    /// After contact, a response of something in between says nothing about the resource: the control plane is unreachable.
    private func attributed(_ error: ControlPlaneError, to outcome: RetryPolicy.Outcome) -> ControlPlaneError {
        var error = error
        error.isCertainlyNotExecuted = outcome.isCertainlyNotExecuted
        guard followsContact, outcome.source == .intermediary, !error.isOutage, error.kind != .ambiguous else {
            return error
        }
        guard isChange, !error.isCertainlyNotExecuted else {
            error.kind = .unreachable
            return error
        }
        return ambiguous(error)
    }

    private func explanation(of response: HTTPResponse) -> ControlPlaneError {
        let status = response.status
        let detail = detail(of: response)
        switch status {
        case 401, 403:
            return make(.unauthorised, detail, hint: authorisationHint(detail), status: status)
        case 404, 405:
            return isNewer || status == 405
                ? make(
                    .notSupported, detail, hint: "upgrade the control plane: it does not have this endpoint",
                    status: status)
                : make(
                    .notFound, detail, hint: "check the id, the workspace (--tenant-id) and the host (--control-plane)",
                    status: status)
        case 407:
            return make(
                .proxy, detail, hint: "check http_proxy and its login, or add the host to NO_PROXY", status: status)
        case 409: return make(.conflict, detail, status: status)
        case 429:
            return make(.rateLimited, detail, hint: "wait, or watch fewer deployments with this key", status: status)
        case 300..<400:
            return make(.redirected, detail, hint: "set --control-plane to the final address", status: status)
        case 408, 425, 500..., ..<300:
            let failed = make(.serverError, detail, hint: Self.hintToReach, status: status)
            return isChange && status != 501 ? ambiguous(failed) : failed
        default: return make(.rejected, detail, status: status)
        }
    }

    /// The error for a 2xx response that does not match the API.
    func undecodable(_ response: HTTPResponse, _ error: any Error) -> ControlPlaneError {
        let reason =
            (error as? DecodingError).map(Self.reason) ?? (error as? RawJSONError)?.description ?? "unreadable"
        let detail = "invalid response (HTTP \(response.status), \(reason)): \(snippet(response.body))"
        let undecodable = make(
            followsContact ? .unreachable : .undecodable, detail,
            hint: "check that --control-plane is the address of the API, not of a login page",
            status: response.status)
        return isChange ? ambiguous(undecodable) : undecodable
    }

    private func ambiguous(_ error: ControlPlaneError) -> ControlPlaneError {
        var error = error
        error.kind = .ambiguous
        error.message += "; the change may or may not have been made"
        error.hint = nil
        return error
    }

    private func make(
        _ kind: ControlPlaneError.Kind, _ detail: String, hint: String? = nil, status: Int? = nil
    ) -> ControlPlaneError {
        ControlPlaneError(kind, "\(path) at \(host): \(detail)", hint: hint, status: status, endpoint: endpoint)
    }

    private func authorisationHint(_ detail: String) -> String {
        if detail.lowercased().contains("requires workspace specification")
            || (!hasTenant && detail.contains("X-Tenant-Id"))
        {
            return "set the workspace of this organization key with --tenant-id or LANGSMITH_TENANT_ID "
                + "(header X-Tenant-Id)"
        }
        return "check the key in \(keySource), and the workspace in LANGSMITH_TENANT_ID"
    }

    /// `detail` of the API's error body, or the beginning of any other body.
    private func detail(of response: HTTPResponse) -> String {
        // The beginning of any other body is shown below, so the decoding error adds nothing.
        if let detail = (try? JSONDecoder().decode(ErrorBody.self, from: response.body))?.detail {
            return "HTTP \(response.status): \(text.line(detail.text))"
        }
        return response.body.isEmpty
            ? "HTTP \(response.status)" : "HTTP \(response.status): \(snippet(response.body))"
    }

    private func snippet(_ body: Data) -> String {
        body.isEmpty ? "empty body" : text.snippet(body)
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "missing field \(path(context.codingPath + [key]))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "wrong type at \(path(context.codingPath))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : "invalid value at \(path(context.codingPath))"
        @unknown default: "unreadable"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static let hintToReach = "check the host (--control-plane, LANGGRAPH_HOST_URL) and the network"
}
