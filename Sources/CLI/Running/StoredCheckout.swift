import Engine
import FoundationEssentials
import Git
import WorkflowModel

/// The commit that a run began at, against the one that is checked out when it is resumed.
struct StoredCheckout {
    private let id: RunID
    private let began: RunOrigin.Checkout?
    private let remaining: RemainingSteps

    init(_ stored: JournaledRun, inputs: [String: Value], _ facts: RunContext) throws {
        id = stored.id
        began = stored.origin.checkout
        remaining = try RemainingSteps(stored, inputs: inputs, facts)
    }

    /// Throws `StepFailure` (64) if a remaining step would work on another commit than the earlier ones.
    func check() async throws {
        guard let began, remaining.useWorkingTree,
            let repository = try? await Repository.open(containing: FileManager.default.currentDirectoryPath),
            let head = try? await repository.head(), head.commit.description != began.head
        else { return }
        throw StepFailure(
            .usage, code: "HeadMoved",
            "cannot resume run \(id): it began at commit \(began.head.prefix(12)), and HEAD is at "
                + head.commit.abbreviated,
            hint: "run git checkout \(began.head.prefix(12)) and resume again, or start a new run")
    }
}

/// What an interrupted run has left to do.
private struct RemainingSteps {
    /// Whether a step that reads files of the working tree remains, or one that reads the commit after a script, which
    /// may have made the new commit.
    let useWorkingTree: Bool

    init(_ stored: JournaledRun, inputs: [String: Value], _ facts: RunContext) throws {
        let workflow = stored.workflow
        let state = stored.events.reduce(into: RunState()) { $0.apply($1.payload) }
        let committed = Set(
            stored.events.compactMap { ($0.payload as? CommitRead)?.job?.outermost })
        let runScripts = Set(workflow.files.filter { $0.value.usedTypes.contains("run") }.keys).union(["run"])
        let hasScripts = !workflow.workflow.usedTypes.isDisjoint(with: runScripts)
        // A matrix that cannot be evaluated fails the run itself.
        let plan = try? RunPlan(workflow.workflow, inputs: inputs, context: facts)
        let jobs = plan?.expanded(in: state, context: facts).jobs ?? []
        useWorkingTree = jobs.contains { job in
            if case .finished(let outcome)? = state.jobs[job.id]?.phase, outcome != .cancellation { return false }
            return job.job.steps.contains { step in
                let outcome = state.step(step.id, of: job.id).outcome
                guard outcome == nil || outcome == .cancellation else { return false }
                if runScripts.contains(step.uses) { return true }
                return hasScripts && ["git", "deploy"].contains(step.uses) && !committed.contains(job.id)
            }
        }
    }
}

extension JournaledRun {
    /// The steps that work with the control plane, a web server or a person only.
    private static let remoteSteps: Set = [
        "approval", "delete-deployment", "http-check", "listener", "notify", "rollback", "rollback-target", "run-graph",
        "smoke", "verify", "wait",
    ]

    /// Whether a step that is left to do may read the folder in which the run began.
    var needsFolder: Bool {
        let facts = RunContext(git: origin.git, ci: origin.ci)
        guard let plan = try? RunPlan(workflow.workflow, inputs: inputs, context: facts) else { return true }
        let state = events.reduce(into: RunState()) { $0.apply($1.payload) }.resumed()
        return plan.expanded(in: state, context: facts).jobs.contains { job in
            if case .finished? = state.jobs[job.id]?.phase { return false }
            return job.job.steps.contains { step in
                state.step(step.id, of: job.id).outcome == nil && !Self.remoteSteps.contains(step.uses)
            }
        }
    }
}
