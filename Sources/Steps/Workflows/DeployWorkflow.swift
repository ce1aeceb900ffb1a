package import WorkflowModel

/// The built-in workflow behind `slipway deploy`.
package enum DeployWorkflow {
    package static let workflow = Workflow(
        name: "deploy",
        inputs: [
            InputDefinition("deployment", description: "the deployment's name"),
            InputDefinition("deployment-id", description: "the deployment's id, instead of its name"),
            InputDefinition("control-plane", description: "where it is deployed to; part of the lock's name"),
            InputDefinition("directory", default: ".", description: "a folder inside the repository"),
            InputDefinition("ref", description: "the branch or tag to deploy"),
            InputDefinition("sha", description: "the commit to deploy"),
            InputDefinition("config", default: "langgraph.json", description: "the configuration's path"),
            InputDefinition("source", description: "github or internal_source"),
            InputDefinition("repo-url", description: "the repository as the control plane fetches it"),
            InputDefinition("integration-id", description: "the GitHub integration"),
            InputDefinition("deployment-type", default: "dev", description: "the type of a new deployment"),
            InputDefinition("install-command", description: "passed on to the build"),
            InputDefinition("build-command", description: "passed on to the build"),
            InputDefinition("must-exist", .boolean, default: false, description: "never create a deployment"),
            InputDefinition("force", .boolean, default: false, description: "deploy though it is live already"),
            InputDefinition("allow-dirty", .boolean, default: false, description: "ignore changes in the work tree"),
            InputDefinition("allow-unpushed", .boolean, default: false, description: "do not look at the remote"),
            InputDefinition("timeout", .duration, default: "30m", description: "for the whole deploy"),
            InputDefinition("poll-interval", .duration, description: "a fixed pause between polls"),
            InputDefinition("on-failure", .choice, default: "rollback", description: "rollback or keep"),
            InputDefinition("on-superseded", .choice, default: "fail", description: "fail or follow"),
            InputDefinition("on-timeout", .choice, default: "keep", description: "rollback, interrupt or keep"),
            InputDefinition("smoke", .list, description: "paths that must answer 2xx"),
            InputDefinition("smoke-graph", description: "a graph that must run"),
            InputDefinition("wait", .boolean, default: true, description: "wait for the revision"),
        ],
        jobs: [
            Job(
                id: "deploy",
                concurrency: .call(
                    "format",
                    ["deploy {0} {1}{2}", .input("control-plane"), .input("deployment"), .input("deployment-id")]),
                timeout: .input("timeout"),
                steps: [commit, preflight, deploy, wait, verify, smoke, rollback])
        ])

    private static let commit = StepDefinition(
        id: "commit", name: "Read the commit", uses: "git",
        with: [
            "directory": .input("directory"), "ref": .input("ref"), "sha": .input("sha"), "config": .input("config"),
            "allow-dirty": .input("allow-dirty"),
        ])

    private static let preflight = StepDefinition(
        id: "preflight", name: "Preflight", uses: "preflight",
        with: [
            "deployment": .input("deployment"), "deployment-id": .input("deployment-id"),
            "directory": .input("directory"), "sha": .output("sha", of: "commit"),
            "ref": .output("ref", of: "commit"), "config": .input("config"), "source": .input("source"),
            "repo-url": .or(.input("repo-url"), .output("remote-url", of: "commit")),
            "integration-id": .input("integration-id"), "must-exist": .input("must-exist"), "force": .input("force"),
            "allow-unpushed": .input("allow-unpushed"),
        ])

    private static let somethingToDo = Expression.notEqual(.output("action", of: "preflight"), "none")

    private static let deploy = StepDefinition(
        id: "deploy", name: "Create or update", uses: "deploy",
        with: [
            "action": .output("action", of: "preflight"), "deployment": .output("deployment-name", of: "preflight"),
            "deployment-id": .output("deployment-id", of: "preflight"), "directory": .input("directory"),
            "sha": .output("sha", of: "commit"), "ref": .output("ref", of: "commit"), "config": .input("config"),
            "source": .output("source", of: "preflight"), "repo-url": .output("repo-url", of: "preflight"),
            "integration-id": .output("integration-id", of: "preflight"),
            "deployment-type": .input("deployment-type"), "install-command": .input("install-command"),
            "build-command": .input("build-command"), "revision-id": .output("revision-id", of: "preflight"),
            "previous-revision-id": .output("previous-revision-id", of: "preflight"),
            "known-revisions": .output("known-revisions", of: "preflight"),
        ],
        if: somethingToDo)

    private static let waiting = Expression.and(somethingToDo, .input("wait"))

    private static let wait = StepDefinition(
        id: "wait", name: "Wait for the revision", uses: "wait",
        with: [
            "deployment-id": .output("deployment-id", of: "deploy"),
            "revision-id": .output("revision-id", of: "deploy"),
            "sha": .output("provable-sha", of: "deploy"), "past-durations": .output("past-durations", of: "preflight"),
            "poll-interval": .input("poll-interval"), "on-superseded": .input("on-superseded"),
            "on-timeout": .input("on-timeout"),
        ],
        if: waiting)

    private static let verify = StepDefinition(
        id: "verify", name: "Verify what serves", uses: "verify",
        with: [
            "deployment-id": .output("deployment-id", of: "deploy"),
            "revision-id": .or(.output("followed-revision-id", of: "wait"), .output("revision-id", of: "deploy")),
            "previous-revision-id": .output("previous-revision-id", of: "deploy"),
            "sha": .output("provable-sha", of: "deploy"), "built-sha": .output("commit-sha", of: "wait"),
            "created": .output("created", of: "deploy"),
        ],
        if: waiting)

    private static let smoke = StepDefinition(
        id: "smoke", name: "Smoke test", uses: "smoke",
        with: [
            "url": .output("deployment-url", of: "verify"), "paths": .input("smoke"), "graph": .input("smoke-graph"),
            "deployment-id": .output("deployment-id", of: "deploy"),
            "revision-id": .output("revision-id", of: "deploy"),
        ],
        if: .and(waiting, .or(.input("smoke"), .input("smoke-graph"))))

    private static let rollback = StepDefinition(
        id: "rollback", name: "Roll back", uses: "rollback",
        with: [
            "deployment-id": .output("deployment-id", of: "deploy"),
            "to": .output("previous-revision-id", of: "deploy"),
            "revision-id": .output("revision-id", of: "deploy"), "cause": cause,
            "previous-revision-id": .output("previous-revision-id", of: "deploy"),
            "created": .output("created", of: "deploy"),
            "past-durations": .output("past-durations", of: "preflight"), "poll-interval": .input("poll-interval"),
        ],
        if: .and(.failure, .and(.or(mayUndo, undoTimeout), cause)), timeout: .input("timeout"))

    private static let mayUndo = Expression.and(
        .equal(.input("on-failure"), "rollback"), .notEqual(waitResult, "timeout"))
    private static let undoTimeout = Expression.and(
        .equal(.input("on-timeout"), "rollback"), .equal(waitResult, "timeout"))
    private static let waitResult = Expression.output("result", of: "wait")

    /// Why the deploy is undone; empty when what went wrong leaves nothing to undo, or not for us to undo.
    private static let cause = Expression.or(
        when(waitResult, is: "failed", then: "failed"),
        .or(
            when(waitResult, is: "mismatch", then: "mismatch"),
            .or(
                when(waitResult, is: "interrupted", then: "failed"),
                .or(
                    when(waitResult, is: "timeout", then: "timeout"),
                    .or(
                        when(.output("result", of: "verify"), is: "not-serving", then: "not-serving"),
                        when(.output("result", of: "smoke"), is: "failed", then: "smoke-failed"))))))

    private static func when(_ subject: Expression, is word: Expression, then result: Expression) -> Expression {
        .and(.equal(subject, word), result)
    }
}
