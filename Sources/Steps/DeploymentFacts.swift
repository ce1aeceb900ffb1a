import ControlPlaneTypes
import Engine

extension StepServices {
    /// A deployment as the reports show it, as it is before anything of it is changed.
    func fact(_ snapshot: DeploymentSnapshot) -> DeploymentSeen {
        var seen = fact(snapshot.deployment, previous: snapshot.deployment.activeRevisionID)
        seen.activeCommitSHA = snapshot.active?.builtCommit(uploads: uploads.entries())
        return seen
    }

    /// A deployment as the reports show it.
    func fact(
        _ deployment: Deployment, previous: RevisionID?, created: Bool = false
    ) -> DeploymentSeen {
        DeploymentSeen(
            id: deployment.id.rawValue, name: deployment.name, url: deployment.servingURL,
            dashboardURL: dashboard?.url(of: deployment), created: created,
            previousRevisionID: previous?.rawValue, activeRevisionID: deployment.activeRevisionID?.rawValue)
    }
}

extension RevisionSeen {
    init(_ id: RevisionID, role: Role, status: RevisionStatus, commitSHA: String?) {
        self.init(id: id.rawValue, role: role, status: status.rawValue, commitSHA: commitSHA)
    }
}
