import ControlPlaneTypes
import Engine
import Git

/// What an existing deployment has that cannot be changed and is not what is wanted.
enum Mismatch {
    static func find(between wanted: WantedDeploy, and deployment: Deployment) -> StepFailure? {
        if deployment.status.isBeingDeleted {
            return StepFailure(
                .failed, code: "DeploymentBeingDeleted", "deployment '\(deployment.name)' is being deleted",
                hint: "use another --deployment name; this one stays taken until the deletion is over")
        }
        if let source = wanted.source, source != deployment.source {
            return StepFailure(
                .usage, code: "SourceMismatch",
                "deployment '\(deployment.name)' has the source \(deployment.source), not \(source)",
                hint: "a deployment's source cannot be changed: leave out --source or use another --deployment name")
        }
        guard deployment.source == .github, let theirs = deployment.sourceConfig?.repoURL, let ours = wanted.repoURL
        else { return nil }
        if RemoteURL(ours).isSameRepository(as: RemoteURL(theirs)) { return nil }
        return StepFailure(
            .usage, code: "RepositoryMismatch",
            "deployment '\(deployment.name)' is built from \(RemoteURL(theirs)), not from "
                + "\(RemoteURL(ours))",
            hint: "run slipway in a clone of that repository, set --repo-url, or use another --deployment name")
    }
}
