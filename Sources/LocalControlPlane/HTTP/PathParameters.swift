import ControlPlaneTypes
import Foundation
import Hummingbird

extension PlaneContext {
    /// - Throws: `APIProblem` (422) when it is no UUID.
    func deploymentID(_ parameter: String = "deployment_id") throws -> DeploymentID {
        DeploymentID(try uuid(parameter))
    }

    /// - Throws: `APIProblem` (422) when it is no UUID.
    func revisionID() throws -> RevisionID {
        RevisionID(try uuid("revision_id"))
    }

    /// The UUID in lower case, as ids are stored.
    func uuid(_ parameter: String) throws -> String {
        let text = parameters.get(parameter) ?? ""
        guard let uuid = UUID(uuidString: text) else {
            throw APIProblem([.uuid([.key("path"), .key(parameter)], input: .string(text))])
        }
        return uuid.uuidString.lowercased()
    }
}
