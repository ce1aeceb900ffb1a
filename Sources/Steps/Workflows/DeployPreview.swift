package import Clocks
package import Engine
package import WorkflowModel

/// What a deploy would do, as the steps of workflows/deploy.yml find it out that come before the first change.
package struct DeployPreview: Sendable, Equatable {
    /// One side of the change; nil for what is not known.
    package struct Side: Sendable, Equatable {
        package var sha: String?
        package var ref: String?
        package var config: String?
        package var image: String?
    }

    /// Names of secrets, by what would become of them.
    package struct Secrets: Sendable, Equatable {
        package var added: [String] = []
        /// Written anew; their values may be the same.
        package var set: [String] = []
        package var removed: [String] = []
        package var kept: [String] = []
    }

    package enum Action: String, Sendable {
        case none, create, revise
        case takeUp = "take-up"
    }

    package var action: Action
    package var deployment: String
    package var deploymentID: String?
    package var source: String
    package var repositoryURL: String?
    /// What is live; nil when nothing is.
    package var current: Side?
    package var wanted: Side
    package var revisionID: String?
    /// The names of the deployment's secrets.
    package var secretNames: [String]
    package var secrets: Secrets
    /// The keys of the resource spec that would be sent; empty when it stays as it is.
    package var resourceKeys: [String]
    /// What a deploy would warn of.
    package var warnings: [String]

    package var changesSomething: Bool { action == .create || action == .revise }

    /// Throws `StepFailure` with what a deploy would fail with before it changes anything.
    package static func read(
        inputs: [String: Value], registry: StepRegistry, clock: any RunClock, mask: SecretMask = SecretMask()
    ) async throws -> DeployPreview {
        var workflow = try BuiltinWorkflows.deploy()
        var given: [String: Value] = [:]
        do throws(InvalidInputs) {
            given = try workflow.resolve(inputs)
        } catch {
            throw StepFailure(
                .usage, code: "InvalidInputs", error.messages.joined(separator: "; "), hint: error.hint)
        }
        workflow.outputs = [:]
        for index in workflow.jobs.indices {
            workflow.jobs[index].steps = Array(
                workflow.jobs[index].steps.prefix { BuiltinSteps.access(of: $0.uses) != .changes })
            (workflow.jobs[index].outputs, workflow.jobs[index].concurrency) = ([:], nil)
        }
        let log = EventLog(runID: RunID(rawValue: "plan"), clock: clock, journal: MemoryJournal(), mask: mask)
        // Nothing is locked: no job names a lock.
        let runner = WorkflowRunner(
            workflow: workflow, registry: registry, log: log, clock: clock, locks: RunLocks(folder: "/dev/null"),
            cancellation: RunCancellation())
        _ = await runner.run(tool: ("slipway", "plan"), inputs: given)
        if let failure = log.state.failures.first { throw failure }
        return try DeployPreview(log)
    }

    /// Throws `StepFailure` (a bug) when the steps did not say what they have to.
    private init(_ log: EventLog) throws {
        let outputs = { (step: String) in log.state.step(step, of: "deploy").outputs }
        let (commit, preflight) = (outputs("commit"), outputs("preflight"))
        func text(_ name: String) -> String? { preflight[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        guard let action = text("action").flatMap(Action.init), let deployment = text("deployment-name") else {
            throw StepFailure(.internalError, code: "BrokenWorkflow", "preflight did not say what is to be done")
        }
        self.action = action
        self.deployment = deployment
        deploymentID = text("deployment-id")
        source = text("source") ?? ""
        repositoryURL = source == "github" ? text("repo-url") : nil
        current = text("previous-revision-id").map { _ in
            Side(
                sha: text("current-sha"), ref: text("current-ref"), config: text("current-config"),
                image: text("current-image"))
        }
        let image = log.state.inputs["image"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        wanted =
            image.map { Side(sha: nil, ref: nil, config: nil, image: $0) }
            ?? Side(sha: commit["sha"]?.string, ref: commit["ref"]?.string, config: log.state.inputs["config"]?.string)
        revisionID = text("revision-id")
        func names(_ output: String) -> [String] { (preflight[output]?.list ?? []).map(\.text).sorted() }
        secretNames = names("secret-names")
        secrets = Secrets(
            added: names("secrets-added"), set: names("secrets-set"), removed: names("secrets-removed"),
            kept: names("secrets-kept"))
        resourceKeys = names("resource-keys")
        warnings = log.events.compactMap { event in
            if let note = event.payload as? Noted, note.level == .warning { note.message } else { nil }
        }
    }
}
