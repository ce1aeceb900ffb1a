import Engine
import WorkflowModel

/// The step type `deploy`: the whole of workflows/deploy.yml, as `slipway deploy` runs it.
package enum DeployWorkflow {
    package static let name = "deploy"

    static let access = StepSignature.ControlPlaneAccess.changes

    /// Nil only when the embedded file is broken; a test sees to it that it is not. Read when it is first needed.
    static let signature: StepSignature? = workflow.map(signature)

    private static let workflow = try? BuiltinWorkflows.deploy()

    private static let outputs = [
        "deployment-id": "the deployment",
        "deployment-url": "where it answers, as far as that is known",
        "revision-id": "the revision that carries our commit",
        "previous-revision-id": "the revision that served before",
        "commit-sha": "the commit; null for an image",
        "image-uri": "the image; empty for a commit",
        "changed": "whether this run made a revision",
        "created": "whether this run created the deployment",
        "rolled-back-to": "the revision that a rollback made; null without one",
    ]

    static func type(presets: [String: Value]) -> StepType? {
        guard let workflow, let signature else { return nil }
        return StepType(signature, workflow: ReusableWorkflow(workflow, presets: presets))
    }

    private static func signature(of workflow: Workflow) -> StepSignature {
        var signature = workflow.signature(as: name)
        signature.summary =
            "Deploys a commit as `slipway deploy` does: preflight, a revision, the wait, the proof, and the way back."
        signature.access = access
        signature.outputs = signature.outputs.map { .init($0.name, outputs[$0.name] ?? "") }
        return signature
    }
}
