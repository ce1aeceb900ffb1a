package import ControlPlaneTypes

/// Which deployments a list is about; what is nil does not count.
package struct DeploymentFilter: Sendable {
    /// Older control planes ignore it: check equality in the answer.
    package var name: String?
    package var nameContains: String?
    package var status: DeploymentStatus?
    package var deploymentType: String?
    /// At most 100 at once.
    package var ids: [DeploymentID]?

    package init() {}

    var query: [(name: String, value: String)] {
        [
            ("name", name), ("name_contains", nameContains), ("status", status?.rawValue),
            ("deployment_type", deploymentType),
            ("deployment_ids", ids?.map(\.rawValue).joined(separator: ",")),
        ].compactMap { name, value in value.map { (name, $0) } }
    }
}
