import Clocks
import ControlPlaneTypes
import HTTPTypes
import Hummingbird
import NIOHTTP1

/// `/internal/faults`: list, add and clear injected faults; not part of LangSmith's API.
struct FaultRoutes: Sendable {
    static let path = "/internal/faults"

    let faults: ActiveFaults

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.get("/internal/faults", use: list)
            .post("/internal/faults", use: add)
            .delete("/internal/faults", use: clear)
    }

    @Sendable private func list(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let entries = await faults.entries
        return try Response(json: entries.map { FaultResponse(fault: $0.fault.text, injected: $0.triggered) })
    }

    @Sendable private func add(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let body = try await BodyReader.read(request)
        let text = body.requiredString("fault")
        try body.validate()
        do {
            await faults.add(try FaultParser.parse(text))
        } catch {
            throw APIProblem.badRequest(error.description)
        }
        return try Response(json: FaultResponse(fault: text, injected: 0), status: .created)
    }

    @Sendable private func clear(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        await faults.clear()
        return Response(status: .noContent)
    }
}

private struct FaultResponse: Encodable, Sendable {
    let fault: String
    let injected: Int
}

/// Applies faults to requests.
struct FaultMiddleware: RouterMiddleware {
    let faults: ActiveFaults
    let clock: any RunClock

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard !request.uri.path.hasPrefix(FaultRoutes.path),
            let fault = await faults.trigger(method: request.method.rawValue, path: request.uri.path)
        else { return try await next(request, context) }
        if fault.delay > .zero { try await clock.sleep(for: fault.delay) }
        switch fault.effect {
        case .none:
            return try await next(request, context)
        case .respond(let code, let detail, let retryAfter):
            let phrase = HTTPResponseStatus(statusCode: code).reasonPhrase
            throw APIProblem(
                HTTPResponse.Status(code: code, reasonPhrase: phrase), detail ?? phrase,
                headers: retryAfter.map { [.retryAfter: String($0)] } ?? [:])
        case .loseRequest:
            return try await cut(context)
        case .loseResponse:
            _ = try await next(request, context)
            return try await cut(context)
        }
    }

    /// Closes the connection; the returned response is never sent.
    private func cut(_ context: APIRequestContext) async throws -> Response {
        try await context.channel?.close()
        return Response(status: .badGateway)
    }
}
