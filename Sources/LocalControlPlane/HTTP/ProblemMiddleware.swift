import HTTPTypes
import Hummingbird
import Logging

/// Turns every refusal and failure into an answer with a `detail`.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: PlaneContext, next: (Request, PlaneContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as APIProblem {
            return try problem.response(from: request, context: context)
        } catch let error as HTTPError {
            let problem = APIProblem(error.status, error.status.reasonPhrase, headers: error.headers)
            return try problem.response(from: request, context: context)
        } catch let error as CancellationError {
            throw error
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return try APIProblem(.internalServerError, "Internal Server Error")
                .response(from: request, context: context)
        }
    }
}
