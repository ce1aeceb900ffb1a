package import Clocks
package import Engine
package import Redaction
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

    package var action: DeployPlan.Action
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
        inputs: [String: Value], registry: StepRegistry, clock: any RunClock, redactor: Redactor = Redactor()
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
        let log = EventLog(runID: RunID(rawValue: "plan"), clock: clock, journal: MemoryJournal(), redactor: redactor)
        let runner = WorkflowRunner(
            workflow: workflow, registry: registry, log: log, clock: clock, locks: .none,
            cancellation: RunCancellation())
        _ = await runner.run(tool: ("slipway", "plan"), inputs: given)
        if let failure = log.state.failures.first { throw failure }
        return try DeployPreview(log)
    }

    /// Throws `StepFailure` (a bug) when the steps did not say what they have to.
    private init(_ log: EventLog) throws {
        let outputs = { (step: String) in log.state.step(step, of: "deploy").outputs }
        let inputs = StepInputs(outputs("preflight"))
        guard let plan = try inputs.structure("plan", DeployPlan.self) else {
            throw StepFailure(.internalError, code: "BrokenWorkflow", "preflight made no plan")
        }
        action = plan.action
        deployment = plan.deployment
        deploymentID = plan.deploymentID
        source = plan.source
        repositoryURL = source == "github" ? plan.repoURL : nil
        current = plan.current.map { Side(sha: $0.sha, ref: $0.ref, config: $0.config, image: $0.image) }
        wanted =
            plan.image.map { Side(sha: nil, ref: nil, config: nil, image: $0) }
            ?? Side(sha: plan.sha, ref: plan.ref, config: plan.config)
        revisionID = plan.revisionID
        secretNames = plan.settings.stored.sorted()
        secrets = Secrets(
            added: plan.settings.added.sorted(), set: plan.settings.set.sorted(),
            removed: plan.settings.removed.sorted(), kept: plan.settings.kept.sorted())
        resourceKeys = plan.settings.resourceKeys.sorted()
        warnings = log.events.compactMap { event in
            if let note = event.payload as? Noted, note.level == .warning { note.message } else { nil }
        }
    }
}
