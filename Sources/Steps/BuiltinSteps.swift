package import Engine

/// The one list of step types: a new one is a file and a line here.
package enum BuiltinSteps {
    package static func registry(_ services: StepServices) -> StepRegistry {
        StepRegistry([
            StepType(GitStep.signature) { GitStep($0, services) },
            StepType(PreflightStep.signature) { PreflightStep($0, services) },
            StepType(DeployStep.signature) { try DeployStep($0, services) },
            StepType(WaitStep.signature) { try WaitStep($0, services) },
            StepType(VerifyStep.signature) { try VerifyStep($0, services) },
            StepType(SmokeStep.signature) { SmokeStep($0, services) },
            StepType(RollbackTargetStep.signature) { RollbackTargetStep($0, services) },
            StepType(RollbackStep.signature) { try RollbackStep($0, services) },
            StepType(RunStep.signature) { RunStep($0, services) },
            StepType(HTTPCheckStep.signature) { try HTTPCheckStep($0, services) },
            StepType(RunGraphStep.signature) { try RunGraphStep($0, services) },
        ])
    }
}
