import Engine
package import WorkflowModel

/// The workflow files of workflows/, which are part of the program: what `slipway deploy` and `slipway rollback` run.
package enum BuiltinWorkflows {
    /// Throws `StepFailure` (a bug) when the embedded file is invalid, which a test rules out.
    package static func deploy() throws -> Workflow { try parsedDeploy.get() }

    package static func rollback() throws -> Workflow {
        try read(PackageResources.rollback_yml, "workflows/rollback.yml")
    }

    private static let inputNames: Set<String> = {
        let workflows = [try? deploy(), try? rollback()].compactMap(\.self)
        return Set(workflows.flatMap(\.inputs).map(\.name))
    }()

    /// The texts of inputs with the names of their inputs, except free text: they are public whatever they contain.
    package static func facts(in inputs: [String: Value]) -> Set<String> {
        inputs.filter { inputNames.contains($0.key) }.reduce(into: []) { facts, input in
            facts.formUnion(PublicFacts.texts(of: input.value, named: input.key))
        }
    }

    private static let parsedDeploy = Result { try read(PackageResources.deploy_yml, "workflows/deploy.yml") }

    /// Names are checked by a test and not at every start.
    private static func read(_ bytes: [UInt8], _ file: String) throws -> Workflow {
        let (parsed, diagnostics) = WorkflowParser.parse(bytes, file: file)
        guard let parsed, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw StepFailure(
                .internalError, code: "BrokenWorkflow",
                "the built-in \(file) is broken: \(diagnostics.map(\.text).joined(separator: "\n"))")
        }
        return parsed.workflow
    }
}

/// The step type `deploy`: the whole of workflows/deploy.yml, as `slipway deploy` runs it.
package enum DeployWorkflow {
    package static let name = "deploy"

    static let access = StepSignature.ControlPlaneAccess.changes

    /// Nil only when the embedded file is invalid, which a test rules out. Read when it is first needed.
    static let signature: StepSignature? = workflow.map(signature)

    private static let workflow = try? BuiltinWorkflows.deploy()

    private static let outputs = [
        "deployment-id": "id of the deployment",
        "deployment-url": "address of the agent, if known",
        "revision-id": "revision that carries our commit",
        "previous-revision-id": "revision that was live before",
        "commit-sha": "commit; null for an image",
        "image-uri": "image; empty for a commit",
        "changed": "whether this run made a revision",
        "created": "whether this run created the deployment",
        "rolled-back-to": "revision that a rollback made; null without one",
    ]

    static func type(presets: [String: Value]) -> StepType? {
        guard let workflow, let signature else { return nil }
        return StepType(signature, workflow: ReusableWorkflow(workflow, presets: presets))
    }

    private static func signature(of workflow: Workflow) -> StepSignature {
        var signature = workflow.signature(as: name)
        signature.summary =
            "Deploys a commit as `slipway deploy` does: preflight, revision, wait, verify, smoke test, and rollback on failure."
        signature.access = access
        signature.outputs = signature.outputs.map { .init($0.name, outputs[$0.name] ?? "") }
        return signature
    }
}
