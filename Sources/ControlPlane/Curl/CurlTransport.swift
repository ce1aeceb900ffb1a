package import Clocks

/// HTTP over libcurl: all transfers share one thread, its connections and its certificate authorities.
///
/// Proxies come from the variables that libcurl reads (`https_proxy`, `NO_PROXY`, …).
package final class CurlTransport: HTTPTransport {
    private let configuration: CurlConfiguration
    private let clock: any RunClock
    private let driver: CurlDriver

    /// `clock` must run in real time: limits and deadlines are measured on it. Throws when libcurl cannot start.
    package init(_ configuration: CurlConfiguration, clock: any RunClock) throws(TransportError) {
        self.configuration = configuration
        self.clock = clock
        driver = try CurlDriver(connectionsPerHost: configuration.connectionsPerHost, clock: clock)
    }

    deinit {
        driver.stop()
    }

    /// Ends what is under way and returns when the thread has gone.
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
            .redirectLoop, "more than \(Redirect.limit) redirects, the last one to \(hop.origin?.description ?? "?")",
            mayHaveBeenProcessed: false)
    }

    private func exchange(_ request: HTTPRequest) async throws -> CurlAnswer {
        try Task.checkCancellation()
        if let deadline = request.deadline, deadline <= clock.now {
            throw TransportError(.timeout, "the deadline had passed before the request", mayHaveBeenProcessed: false)
        }
        let exchange = try CurlExchange(request, clock: clock)
        try CurlOptions(exchange: exchange, configuration: configuration).apply()
        let ending = try await driver.run(exchange)
        do {
            return try CurlAnswer(of: exchange, ending)
        } catch var error as TransportError where error.kind == .untrustedCertificate {
            // libcurl names the file only sometimes, and it is the first thing to look at.
            if let file = configuration.certificateAuthorities?.file, !error.message.contains(file) {
                error.message += " (authorities: \(file))"
            }
            throw error
        }
    }
}

/// Which redirects are followed: those of a GET within its origin, because the headers carry a key.
private enum Redirect {
    /// As many as a browser would never need, and few enough to end a loop soon.
    static let limit = 5

    /// Where to go on, nil when the answer stands; throws `TransportError` when it points to another origin.
    static func target(of answer: CurlAnswer, to request: HTTPRequest) throws(TransportError) -> String? {
        guard [301, 302, 303, 307, 308].contains(answer.response.status), let target = answer.redirectURL else {
            return nil
        }
        let origin = Origin(ofURL: target)
        guard let origin, origin == request.origin else {
            throw TransportError(
                .crossOriginRedirect,
                "\(request.origin?.description ?? "the server") redirects to \(origin?.description ?? "another scheme")",
                mayHaveBeenProcessed: false)
        }
        return request.method == .get ? target : nil
    }
}
