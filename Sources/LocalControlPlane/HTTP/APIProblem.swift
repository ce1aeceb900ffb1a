import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// An error response in FastAPI's format.
struct APIProblem: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    private let detail: JSONValue
    private let headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = .string(message)
        self.headers = headers
    }

    /// 422 with every problem of the request.
    init(_ problems: [FieldProblem]) {
        status = .unprocessableContent
        detail = .array(problems.map(\.json))
        headers = [:]
    }

    static func badRequest(_ message: String) -> APIProblem { APIProblem(.badRequest, message) }
    static func sourceConfiguration(_ message: String) -> APIProblem {
        .badRequest("Source configuration error: \(message)")
    }
    static func noDeployment(_ id: DeploymentID) -> APIProblem {
        APIProblem(.notFound, "Deployment ID \(id) not found.")
    }
    static func noRevision(_ id: RevisionID) -> APIProblem { APIProblem(.notFound, "Revision ID \(id) not found.") }
    static func nameTaken(_ name: String) -> APIProblem {
        APIProblem(.conflict, "A deployment named '\(name)' already exists.")
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try Response(json: ["detail": detail], status: status)
        response.headers.append(contentsOf: headers)
        return response
    }
}

/// Turns every error into a response with a `detail`.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
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

extension Router {
    /// Answers 405 for methods that a known path does not have. Call it after adding the last route.
    func refuseOtherMethods() {
        let known: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]
        for (_, routes) in Dictionary(grouping: routes, by: \.path.description) {
            guard let path = routes.first?.path else { continue }
            let allowed = routes.map(\.method)
            let list = allowed.map(\.rawValue).joined(separator: ", ")
            for method in known where !allowed.contains(method) {
                on(path, method: method) { _, _ -> Response in
                    throw APIProblem(.methodNotAllowed, "Method Not Allowed", headers: [.allow: list])
                }
            }
        }
    }
}
