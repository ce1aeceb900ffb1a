package import Engine
package import WorkflowModel

/// The one list of step types: a new one is a file and a line here.
package enum BuiltinSteps {
    private typealias Make = @Sendable (StepInputs, StepServices) throws -> any Step

    private static let all: [(signature: StepSignature, make: Make)] = [
        (GitStep.signature, { GitStep($0, $1) }),
        (PreflightStep.signature, { PreflightStep($0, $1) }),
        (CreateRevisionStep.signature, { try CreateRevisionStep($0, $1) }),
        (WaitStep.signature, { try WaitStep($0, $1) }),
        (VerifyStep.signature, { try VerifyStep($0, $1) }),
        (SmokeStep.signature, { try SmokeStep($0, $1) }),
        (RollbackTargetStep.signature, { RollbackTargetStep($0, $1) }),
        (RollbackStep.signature, { try RollbackStep.make($0, $1) }),
        (RunStep.signature, { RunStep($0, $1) }),
        (HTTPCheckStep.signature, { try HTTPCheckStep($0, $1) }),
        (RunGraphStep.signature, { try RunGraphStep($0, $1) }),
        (DeleteDeploymentStep.signature, { DeleteDeploymentStep($0, $1) }),
        (NotifyStep.signature, { NotifyStep($0, $1) }),
        (ApprovalStep.signature, { try ApprovalStep($0, $1) }),
        (ListenerStep.signature, { try ListenerStep($0, $1) }),
        (BakeStep.signature, { try BakeStep($0, $1) }),
    ]

    /// What a workflow file is checked against, before there is a control plane to talk to.
    package static var signatures: [StepSignature] {
        [DeployWorkflow.signature].compactMap(\.self) + [FleetStep.signature] + all.map(\.signature)
    }

    /// What a step of this type does with the control plane; `none` for a type that is not built in.
    package static func access(of uses: String) -> StepSignature.ControlPlaneAccess {
        if uses == DeployWorkflow.name { return DeployWorkflow.access }
        if uses == FleetStep.name { return FleetStep.signature.access }
        return all.first { $0.signature.uses == uses }?.signature.access ?? .none
    }

    /// Whether the step uses the control plane of the run, or may: it does not name another one with its key.
    package static func usesControlPlaneOfRun(_ step: StepDefinition) -> Bool {
        let isConnected = ["control-plane", "api-key-variable"].allSatisfy { step.with[$0] != nil }
        return access(of: step.uses) != .none && !isConnected
    }

    /// `files` are the workflow files that steps use, by the path they use.
    package static func registry(_ services: StepServices, files: [String: Workflow] = [:]) -> StepRegistry {
        StepRegistry(
            all.map { type in
                StepType(type.signature) { inputs in
                    type.signature.access == .none
                        ? try type.make(inputs, services) : try services.make(inputs, type.signature, by: type.make)
                }
            }
        ) { uses in
            if uses == DeployWorkflow.name { return DeployWorkflow.type(presets: services.deployPresets) }
            if uses == FleetStep.name { return FleetStep.type(services) }
            return files[uses].map { StepType($0.signature(as: uses), workflow: ReusableWorkflow($0)) }
        }
    }
}
