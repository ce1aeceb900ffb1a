import ControlPlane
import ControlPlaneTypes

/// A refusal of the model, as the service words it.
struct ModelProblem: Error {
    var status: Int
    var detail: JSONValue

    init(_ status: Int, _ detail: String) {
        self.status = status
        self.detail = .string(detail)
    }

    /// A field that is not as the API wants it: 422 with a list, as FastAPI answers.
    init(field: [String], _ message: String) {
        status = 422
        let location = JSONValue.array((["body"] + field).map { .string($0) })
        detail = .array([.object(["type": "value_error", "loc": location, "msg": .string(message)])])
    }

    static func deploymentNotFound(_ id: DeploymentID) -> ModelProblem {
        ModelProblem(404, "Deployment ID \(id) not found.")
    }

    static func revisionNotFound(_ id: RevisionID) -> ModelProblem {
        ModelProblem(404, "Revision ID \(id) not found.")
    }

    static let routeNotFound = ModelProblem(404, "Not Found")
}
