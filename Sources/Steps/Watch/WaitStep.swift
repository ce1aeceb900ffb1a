import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `wait`: follows our revision until it is deployed, has failed, or the deadline passes.
struct WaitStep: Step {
    static let signature = StepSignature(
        uses: "wait",
        summary: "Waits until the revision is deployed, and checks its commit while it builds.",
        inputs: [
            .init("plan", isRequired: true, "the output `plan` of preflight"),
            .init("revision", isRequired: true, "the output `revision` of create-revision"),
        ],
        outputs: [
            .init(
                "revision", "the revision with the commit or image that was built; the newer one, if it was followed"),
            .init("result", "deployed, failed, superseded, mismatch, interrupted, gone or timeout"),
            .init("rollback-cause", "why the deploy has to be rolled back; null if it need not be"),
            .init("status", "last status read"),
            .init("commit-sha", "commit that the control plane says it built"),
            .init("image-uri", "image that the control plane says it runs"),
            .init("followed-revision-id", "newer revision, after on-superseded: follow", durable: true),
        ], access: .reads,
        removedInputs: StepOutputs.removed(
            [
                "deployment-id", "revision-id", "sha", "image", "known-revisions", "past-durations", "poll-interval",
                "on-superseded", "on-timeout",
            ], use: ["plan", "revision"]))

    private let plan: DeployPlan
    private let tracked: TrackedRevision
    private let services: StepServices
    private let schedule: PollSchedule

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        plan = try inputs.required("plan", DeployPlan.self)
        tracked = try inputs.required("revision", TrackedRevision.self)
        schedule = try plan.pollSchedule()
        self.services = services
    }

    private var deployment: DeploymentID { tracked.deployment }
    private var revision: RevisionID { tracked.revision }
    private var image: ImageReference? { tracked.image.map { ImageReference($0) } }
    private var known: Set<RevisionID> { Set((tracked.knownRevisions ?? []).map { RevisionID($0) }) }

    func run(in context: StepContext) async throws {
        try await DeadlinePolicy(plan: plan, deployment: deployment).run(in: context) {
            var watcher = watcher(of: revision, context)
            watcher.known = known
            try await conclude(try await watcher.watch(), context)
        }
    }

    private func watcher(of revision: RevisionID, _ context: StepContext) -> RevisionWatcher {
        RevisionWatcher(
            client: services.client, context: context, deployment: deployment, revision: revision, role: .ours,
            sha: tracked.sha, image: image, schedule: schedule, uploads: services.uploads,
            followsLogs: services.followsLogs, buildLineHint: services.buildLineHint, sweep: services.sweep)
    }

    private func conclude(_ result: RevisionWatcher.Result, _ context: StepContext) async throws {
        switch result {
        case .deployed(let revision): try put(.deployed, revision, context)
        case .failed(let revision, let cause):
            try put(.failed, revision, context)
            throw failure(of: revision, because: cause)
        case .superseded:
            try put(.superseded, status: .skipped, context)
            try await superseded(context)
        case .mismatch(let built, let revision):
            try put(.mismatch, revision, context)
            throw try await mismatch(built, revision, context)
        case .interrupted:
            try put(.interrupted, status: .interrupted, context)
            throw StepFailure(
                .failed, code: "RevisionInterrupted", "revision \(revision) was interrupted and does not continue",
                hint: "find out who interrupted it and why, then deploy again")
        case .gone(let failure):
            try put(.gone, status: nil, context)
            throw failure
        case .timedOut(let status):
            try context.output("revision", encoding: tracked)
            context.output("status", Value(status?.rawValue))
            if plan.onTimeout == .interrupt { try await interrupt(context, because: "timed out") }
            throw DeadlineReached(waitingFor: revision, lastStatus: status)
        }
    }

    private func put(_ result: WaitResult, _ revision: Revision, _ context: StepContext) throws {
        var built = tracked
        (built.id, built.builtSHA, built.builtImage) = (revision.id.rawValue, revision.commitSHA, revision.image?.text)
        try put(result, status: revision.status, context, built: built)
    }

    private func put(
        _ result: WaitResult, status: RevisionStatus?, _ context: StepContext, built: TrackedRevision? = nil
    ) throws {
        try context.output("revision", encoding: built ?? tracked)
        context.output("rollback-cause", Value(RollbackCause(of: result, plan)?.rawValue))
        context.output("image-uri", Value(built?.builtImage))
        context.output("result", .string(result.rawValue))
        context.output("status", Value(status?.rawValue))
        context.output("commit-sha", Value(built?.builtSHA))
    }
}

extension WaitStep {
    private func failure(of revision: Revision, because cause: String?) -> StepFailure {
        StepFailure(
            .failed, code: revision.status.failureCode,
            "revision \(revision.id) ended as \(revision.status)" + (cause.map { ": \($0)" } ?? ""),
            hint: "read the whole log: slipway logs \(deployment) --revision \(revision.id) "
                + "--type \(revision.status == .buildFailed ? "build" : "deploy")")
    }

    private func mismatch(_ built: String, _ revision: Revision, _ context: StepContext) async throws -> StepFailure {
        if !revision.status.isTerminal, revision.status != .interrupted {
            try await interrupt(context, because: "it is built from another commit or image")
        }
        if let image {
            return StepFailure(
                .commitMismatch, code: "ImageMismatch",
                "revision \(revision.id) runs image \(built), not \(image)",
                hint: "run slipway status to see what is in progress, then deploy again")
        }
        return StepFailure(
            .commitMismatch, code: "CommitMismatch",
            "revision \(revision.id) is built from commit \(built.prefix(12)), not from "
                + (tracked.sha ?? "").prefix(12),
            hint: "the branch moved after the deploy started: deploy its newest commit, or deploy a tag")
    }

    /// Best effort, and short enough for the end of the step's time: the failure that led here is what is reported.
    private func interrupt(_ context: StepContext, because reason: String) async throws {
        let client = services.client.with(deadline: context.clock.now.advanced(by: .milliseconds(1500)))
            .withoutRetries()
        var interruption = RevisionInterruption(client: client, deployment: deployment, revision: revision)
        do {
            guard try await ChangeSender(context: context).send(&interruption) else { return }
            context.note("revision \(revision) interrupted: \(reason)")
            watcher(of: revision, context).announce(try await client.revision(revision, of: deployment))
        } catch let error as ControlPlaneError {
            context.warn("cannot interrupt revision \(revision): \(error.message)")
        } catch let error as StepFailure {
            context.warn("cannot interrupt revision \(revision): \(error.message)")
        }
    }

    /// What is live instead, for the reports; best effort.
    private func recordLive(_ context: StepContext) async throws {
        let now = try await BestEffortReader.deploymentAfterVerdict(
            deployment, client: services.client, clock: context.clock)
        guard let now else { return }
        context.record(services.fact(now, previous: tracked.previous, created: tracked.created ?? false))
    }

    private func superseded(_ context: StepContext) async throws {
        do {
            try await follow(context)
        } catch let failure as StepFailure where failure.verdict == .superseded {
            try await recordLive(context)
            throw failure
        }
    }

    private func follow(_ context: StepContext) async throws {
        guard plan.onSuperseded == .follow else {
            throw StepFailure.superseded(
                revision, "superseded by a newer one",
                hint: "run slipway status to see what is live; --on-superseded follow waits for the newer one")
        }
        guard tracked.sha != nil || image != nil else {
            throw StepFailure.superseded(revision, "superseded by a newer one, whose commit cannot be determined")
        }
        let successors = SuccessorWatch(
            client: services.client, context: context, deployment: deployment, skipped: revision, older: known
        ) { watcher(of: $0, context) }
        let live = try await successors.watch()
        try put(.deployed, live, context)
        context.output("followed-revision-id", .string(live.id.rawValue))
    }
}

extension StepFailure {
    /// A newer revision took the place of `revision`.
    static func superseded(
        _ revision: RevisionID, _ what: String, hint: String = "run slipway status to see what is live"
    ) -> StepFailure {
        StepFailure(.superseded, code: "Superseded", "revision \(revision) was skipped: \(what)", hint: hint)
    }
}

extension RevisionStatus {
    /// `BUILD_FAILED` as `BuildFailed`.
    var failureCode: String {
        rawValue.split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined()
    }
}
