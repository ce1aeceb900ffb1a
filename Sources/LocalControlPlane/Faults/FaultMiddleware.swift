import Clocks
import HTTPTypes
import Hummingbird
import NIOHTTP1

/// Makes requests go wrong as the plane was told.
struct FaultMiddleware: RouterMiddleware {
    let faults: FaultBook
    let clock: any RunClock

    func handle(
        _ request: Request, context: PlaneContext, next: (Request, PlaneContext) async throws -> Response
    ) async throws -> Response {
        guard !request.uri.path.hasPrefix(FaultRoutes.path),
            let fault = await faults.strike(method: request.method.rawValue, path: request.uri.path)
        else { return try await next(request, context) }
        if fault.delay > .zero { try await clock.sleep(for: fault.delay) }
        switch fault.effect {
        case .none:
            return try await next(request, context)
        case .refuse(let code, let detail, let retryAfter):
            let phrase = HTTPResponseStatus(statusCode: code).reasonPhrase
            throw APIProblem(
                HTTPResponse.Status(code: code, reasonPhrase: phrase), detail ?? phrase,
                headers: retryAfter.map { [.retryAfter: String($0)] } ?? [:])
        case .loseRequest:
            return try await cut(context)
        case .loseAnswer:
            _ = try await next(request, context)
            return try await cut(context)
        }
    }

    /// What is returned is never seen: there is no connection any more.
    private func cut(_ context: PlaneContext) async throws -> Response {
        try await context.channel?.close()
        return Response(status: .badGateway)
    }
}
