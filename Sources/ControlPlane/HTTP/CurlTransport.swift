package import Clocks
import Redaction

/// HTTP over libcurl. All transfers share one thread, its connections and the certificate authorities.
///
/// libcurl reads the proxy variables (`https_proxy`, `NO_PROXY`, …).
package final class CurlTransport: HTTPTransport {
    private let configuration: CurlConfiguration
    private let clock: any RunClock
    private let driver: CurlDriver

    /// `clock` must run in real time: limits and deadlines use it. Throws if libcurl cannot be initialized.
    package init(_ configuration: CurlConfiguration, clock: any RunClock) throws(TransportError) {
        self.configuration = configuration
        self.clock = clock
        driver = try CurlDriver(connectionsPerHost: configuration.connectionsPerHost, clock: clock)
    }

    deinit {
        driver.stop()
    }

    /// Ends all transfers and waits for the thread.
    package func shutDown() {
        driver.stop()
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        var hop = request
        for _ in 0...Redirect.limit {
            let answer = try await exchange(hop)
            guard let target = try Redirect.target(of: answer, to: hop) else { return answer.response }
            hop.url = target
        }
        throw TransportError(
            .redirectLoop, "more than \(Redirect.limit) redirects, the last to \(hop.origin?.description ?? "?")",
            mayHaveBeenProcessed: false)
    }

    private func exchange(_ request: HTTPRequest) async throws -> CurlAnswer {
        try Task.checkCancellation()
        if let deadline = request.deadline, deadline <= clock.now {
            throw TransportError(.timeout, "deadline exceeded before the request was sent", mayHaveBeenProcessed: false)
        }
        let exchange = try CurlExchange(request, clock: clock)
        try CurlOptions(exchange: exchange, configuration: configuration).apply()
        let ending = try await driver.run(exchange)
        do {
            return try CurlAnswer(of: exchange, ending)
        } catch var error as TransportError {
            error.message = Redactor(secrets: configuration.proxies.secrets).redact(error.message)
            // libcurl names the file only sometimes, and a wrong file is the most likely cause.
            if error.kind == .untrustedCertificate, let file = configuration.certificateAuthorities?.file,
                !error.message.contains(file)
            {
                error.message += " (CA file: \(file))"
            }
            throw error
        }
    }
}

/// Decides which redirects to follow.
private enum Redirect {
    /// More than real servers need, and few enough to end a loop soon.
    static let limit = 5

    /// The URL to follow, nil if the response is final; throws `TransportError` if it is on another origin.
    static func target(of answer: CurlAnswer, to request: HTTPRequest) throws(TransportError) -> String? {
        guard [301, 302, 303, 307, 308].contains(answer.response.status), let target = answer.redirectURL else {
            return nil
        }
        let origin = Origin(ofURL: target)
        if let origin, origin == request.origin {
            return request.method == .get || isForwarded(answer.response, request) ? target : nil
        }
        guard let origin, isForwarded(answer.response, request),
            origin.scheme == "https" || request.origin?.scheme == "http"
        else {
            throw TransportError(
                .crossOriginRedirect,
                "redirect to \(origin?.description ?? "another scheme"), another origin than "
                    + (request.origin?.description ?? "the server"),
                mayHaveBeenProcessed: request.method != .get)
        }
        return target
    }

    /// Whether the same request can go to another server: only 307 and 308 keep its method and body.
    private static func isForwarded(_ response: HTTPResponse, _ request: HTTPRequest) -> Bool {
        let credentials = ["authorization", "cookie", "x-api-key"]
        return request.redirects == .toAnyOrigin && [307, 308].contains(response.status)
            && !request.headers.contains { credentials.contains($0.name.lowercased()) }
    }
}
