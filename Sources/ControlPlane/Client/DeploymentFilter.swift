package import ControlPlaneTypes

/// Which deployments a list is about; what is nil does not count.
package struct DeploymentFilter: Sendable {
    /// Older control planes ignore it: check equality in the answer.
    package var name: String?
    package var nameContains: String?
    package var status: DeploymentStatus?
    package var deploymentType: String?
    package var imageVersion: String?
    /// At most 100 at once.
    package var ids: [DeploymentID]?
    package var tagValueIDs: [String]?
    package var isRemoteReconciled: Bool?
    /// Where the deployment answers. Older control planes ignore it, as they do the name.
    package var url: String?

    package init() {}

    var query: [(name: String, value: String)] {
        [
            ("name", name), ("name_contains", nameContains), ("status", status?.rawValue),
            ("deployment_type", deploymentType), ("image_version", imageVersion),
            ("deployment_ids", ids?.map(\.rawValue).joined(separator: ",")),
            ("tag_value_ids", tagValueIDs?.joined(separator: ",")),
            ("remote_reconciled", isRemoteReconciled.map(String.init)), ("url", url),
        ].compactMap { name, value in value.map { (name, $0) } }
    }
}
