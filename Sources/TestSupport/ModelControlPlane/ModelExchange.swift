import Clocks
import ControlPlane
import FoundationEssentials

/// One request on its way through a `ModelControlPlane`, with the fault that it meets.
struct ModelExchange: Sendable {
    let plane: ModelControlPlane
    let clock: any RunClock
    let request: HTTPRequest
    /// Its place among the plane's arrivals.
    let arrival: Int
    let start: MonotonicInstant

    /// The plane's response, present once it has processed the request.
    typealias Response = Locked<HTTPResponse?>

    /// What happens when the request arrives. Throws `TransportError` where the connection ends at once.
    func begin(_ fault: ModelFault?) throws -> Response {
        switch fault {
        case .slow(let duration, isProcessedFirst: false):
            return processLater(at: start.advanced(by: duration))
        case .lostBeforeProcessing(let duration):
            return processLater(at: start.advanced(by: duration))
        case let fault where fault?.isProcessed != false:
            plane.record(arrival) { $0.processedAt = clock.now.sinceStart }
            return Response(plane.process(request))
        default: return Response(nil)
        }
    }

    /// What the client gets of it.
    func finish(_ response: Response, _ fault: ModelFault?) async throws -> HTTPResponse {
        switch fault {
        case nil:
            try await clock.sleep(for: ModelControlPlane.latency / 2)
        case .slow(let duration, _):
            try await wait(until: start.advanced(by: duration))
        case .timeout:
            try await wait(until: nil)
        case .refused:
            throw TransportError(.connectionRefused, "plane.test: connection refused", mayHaveBeenProcessed: false)
        case .lostBefore, .lostAfter, .lostBeforeProcessing:
            throw TransportError(.connectionLost, "plane.test: connection reset", mayHaveBeenProcessed: true)
        case .failure(let kind):
            throw TransportError(kind, "plane.test: \(kind.rawValue)", mayHaveBeenProcessed: false)
        case .status, .refusal, .statusAfter, .truncated, .html, .page: break
        }
        let answer = response.withLock(\.self) ?? HTTPResponse(status: 500)
        return fault.flatMap { replacement(for: answer, $0) } ?? answer
    }

    /// What something in between responds instead of the plane; nil when the plane's response arrives.
    private func replacement(for answer: HTTPResponse, _ fault: ModelFault) -> HTTPResponse? {
        switch fault {
        case .status(let status, let pause):
            let headers = pause.map { [HTTPHeader("Retry-After", String($0))] } ?? []
            return HTTPResponse(status: status, headers: headers, body: plane.echo(of: request))
        case .refusal(let status):
            // Some planes repeat the key.
            let key = request.headers.first { $0.name == "X-Api-Key" }?.value
            return ModelControlPlane.refusal(
                ModelProblem(status, "refused for now"), echo: plane.world { $0.behavior.echoesKey } ? key : nil)
        case .statusAfter(let status): return HTTPResponse(status: status, body: plane.echo(of: request))
        case .truncated:
            return HTTPResponse(status: answer.status, body: answer.body.prefix(answer.body.count / 2))
        case .html: return HTTPResponse(status: 200, body: Data("<html><body>Sign in</body></html>".utf8))
        case .page(let status):
            let page = "<html><head><title>\(status)</title></head><body><center>nginx</center></body></html>"
            return HTTPResponse(
                status: status, headers: [HTTPHeader("Content-Type", "text/html")], body: Data(page.utf8))
        default: return nil
        }
    }

    private func processLater(at instant: MonotonicInstant) -> Response {
        plane.record(arrival) { $0.processedAt = instant.sinceStart }
        let response = Response(nil)
        plane.world { [request] in
            $0.at(instant.sinceStart) { world, now in
                let answer = ModelControlPlane.process(request, in: &world, at: now)
                response.withLock { $0 = answer }
            }
        }
        return response
    }

    /// Waits for the response, at most until the client gives up; without one it never comes.
    ///
    /// Throws `TransportError` when the client gives up.
    private func wait(until end: MonotonicInstant?) async throws {
        let limit = [start.advanced(by: request.limits.unanswered), request.deadline].compactMap(\.self).min() ?? start
        try await clock.sleep(until: min(limit, end ?? limit))
        guard let end, end <= limit else {
            throw TransportError(
                .timeout, "plane.test: timed out waiting for the response", mayHaveBeenProcessed: true)
        }
        // What is due now has happened before the response is read.
        plane.world { _ in }
    }
}
