package import WorkflowModel

/// The built-in workflow behind `slipway rollback`.
package enum RollbackWorkflow {
    package static let workflow = Workflow(
        name: "rollback",
        inputs: [
            InputDefinition("deployment", isRequired: true, description: "the deployment's name or id"),
            InputDefinition("control-plane", description: "where it is deployed to; part of the lock's name"),
            InputDefinition("to", description: "the revision to go back to"),
            InputDefinition("expected-active", description: "the revision that was live when a person agreed"),
            InputDefinition("reason", description: "why, for the record"),
            InputDefinition("force", .boolean, default: false, description: "go on although a deploy is under way"),
            InputDefinition("timeout", .duration, default: "30m", description: "for the whole rollback"),
            InputDefinition("poll-interval", .duration, description: "a fixed pause between polls"),
            InputDefinition("smoke", .list, description: "paths that must answer 2xx"),
        ],
        jobs: [
            Job(
                id: "rollback",
                concurrency: .call("format", ["deploy {0} {1}", .input("control-plane"), .input("deployment")]),
                timeout: .input("timeout"), steps: [target, rollback, smoke])
        ])

    private static let target = StepDefinition(
        id: "target", name: "Choose the revision", uses: "rollback-target",
        with: [
            "deployment": .input("deployment"), "to": .input("to"), "expected-active": .input("expected-active"),
            "force": .input("force"),
        ])

    private static let rollback = StepDefinition(
        id: "rollback", name: "Roll back", uses: "rollback",
        with: [
            "deployment-id": .output("deployment-id", of: "target"), "to": .output("to-revision-id", of: "target"),
            "previous-revision-id": .output("previous-revision-id", of: "target"),
            "past-durations": .output("past-durations", of: "target"), "poll-interval": .input("poll-interval"),
        ])

    private static let smoke = StepDefinition(
        id: "smoke", name: "Smoke test", uses: "smoke",
        with: [
            "url": .output("deployment-url", of: "rollback"), "paths": .input("smoke"),
            "deployment-id": .output("deployment-id", of: "target"),
            "revision-id": .output("revision-id", of: "rollback"),
        ],
        if: .input("smoke"))
}
