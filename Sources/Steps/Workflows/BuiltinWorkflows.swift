import Engine
package import WorkflowModel

/// The workflow files of workflows/, which are part of the program: what `slipway deploy` and `slipway rollback` run.
package enum BuiltinWorkflows {
    /// Throws `StepFailure` (a bug) when the embedded file is not sound; a test sees to it that it is.
    package static func deploy() throws -> Workflow { try parsedDeploy.get() }

    package static func rollback() throws -> Workflow {
        try read(PackageResources.rollback_yml, "workflows/rollback.yml")
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
