import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird

/// An answer that refuses a request, in the shapes that FastAPI gives its refusals.
struct APIProblem: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    private let detail: JSONValue
    private let headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = .string(message)
        self.headers = headers
    }

    /// 422 with everything that is wrong with the request.
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
