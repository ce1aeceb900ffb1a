import ControlPlaneTypes
import Engine
import Git

/// What an existing deployment has that cannot be changed and is not what is wanted.
enum ImmutableFieldCheck {
    static func find(between wanted: DesiredRevision, and deployment: Deployment) -> StepFailure? {
        if deployment.status.isBeingDeleted {
            return StepFailure(
                .failed, code: "DeploymentBeingDeleted", "deployment '\(deployment.name)' is being deleted",
                hint: "use another --deployment name; this one stays taken until the deletion is over")
        }
        if let source = wanted.source, source != deployment.source {
            return StepFailure(
                .usage, code: "SourceMismatch",
                "deployment '\(deployment.name)' has the source \(deployment.source), not \(source)",
                hint:
                    "a deployment's source cannot be changed: leave out --source and --image, or use another --deployment name"
            )
        }
        if let listener = wanted.listener, let failure = find(between: listener, and: deployment) { return failure }
        guard deployment.source == .github, let theirs = deployment.sourceConfig?.repoURL, let ours = wanted.repoURL
        else { return nil }
        if RemoteURL(ours).isSameRepository(as: RemoteURL(theirs)) { return nil }
        return StepFailure(
            .usage, code: "RepositoryMismatch",
            "deployment '\(deployment.name)' is built from \(RemoteURL(theirs)), not from "
                + "\(RemoteURL(ours))",
            hint: "run slipway in a clone of that repository, set --repo-url, or use another --deployment name")
    }

    private static func find(between listener: ListenerChoice, and deployment: Deployment) -> StepFailure? {
        let config = deployment.sourceConfig
        for (what, asked, stored) in [
            ("listener", listener.listenerID, config?.listenerID),
            ("namespace", listener.namespace, config?.listenerConfig?.namespace),
        ] {
            guard let asked, let stored, asked.lowercased() != stored.lowercased() else { continue }
            return StepFailure(
                .usage, code: "ListenerMismatch",
                "deployment '\(deployment.name)' has the \(what) \(stored), not \(asked)",
                hint: "it cannot be changed: leave out --listener-id and --k8s-namespace, or use another --deployment "
                    + "name")
        }
        return nil
    }
}
