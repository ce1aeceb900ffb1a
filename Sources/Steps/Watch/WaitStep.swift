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
            .init("status", "last status seen"),
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

    func run(in context: StepContext) async throws {
        try await explainingFailures(isInProgress: true) {
            var watcher = watcher(revision, context)
            watcher.race = ConcurrentDeployCheck(
                client: watcher.client, context: context, deployment: deployment, revision: revision,
                known: Set((tracked.knownRevisions ?? []).map { RevisionID($0) }))
            try await conclude(try await watcher.watch(), context)
        }
    }

    private var deployment: DeploymentID { tracked.deployment }
    private var revision: RevisionID { tracked.revision }
    private var image: ImageReference? { tracked.image.map { ImageReference($0) } }

    private func watcher(_ revision: RevisionID, _ context: StepContext) -> RevisionWatcher {
        RevisionWatcher(
            client: services.client, context: context, deployment: deployment, revision: revision, role: .ours,
            sha: tracked.sha, image: image, schedule: schedule, uploads: services.uploads,
            logs: services.logStreamer(of: revision, in: deployment, context))
    }

    private func conclude(_ ending: RevisionWatcher.Ending, _ context: StepContext) async throws {
        switch ending {
        case .deployed(let revision): try put(.deployed, revision, context)
        case .failed(let revision):
            try put(.failed, revision, context)
            throw try await failure(of: revision, context)
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
            try put(.timeout, status: status, context)
            throw try await timedOut(status, context)
        }
    }

    private func put(_ result: WaitResult, _ revision: Revision, _ context: StepContext) throws {
        var seen = tracked
        (seen.id, seen.builtSHA, seen.builtImage) = (revision.id.rawValue, revision.commitSHA, revision.image?.text)
        try put(result, status: revision.status, context, seen: seen)
    }

    private func put(
        _ result: WaitResult, status: RevisionStatus?, _ context: StepContext, seen: TrackedRevision? = nil
    ) throws {
        try context.output("revision", encoding: seen ?? tracked)
        context.output("rollback-cause", Value(RollbackCause(of: result, plan)?.rawValue))
        context.output("image-uri", Value(seen?.builtImage))
        context.output("result", .string(result.rawValue))
        context.output("status", Value(status?.rawValue))
        context.output("commit-sha", Value(seen?.builtSHA))
    }
}

extension WaitStep {
    private func failure(of revision: Revision, _ context: StepContext) async throws -> StepFailure {
        let tail = LogTail(
            client: services.client, context: context, deployment: deployment, revision: revision.id,
            isLogged: services.followsLogs)
        let isBuild = revision.status == .buildFailed
        let line = try await tail.collect(isBuild ? [.build] : [.build, .deploy])
        let cause = line.map { ": \($0)" } ?? ""
        return StepFailure(
            .failed, code: revision.status.failureCode, "revision \(revision.id) ended as \(revision.status)\(cause)",
            hint: "read the whole log: slipway logs \(deployment) --revision \(revision.id) "
                + "--type \(isBuild ? "build" : "deploy")")
    }

    private func mismatch(_ built: String, _ revision: Revision, _ context: StepContext) async throws -> StepFailure {
        if revision.status.isInProgress {
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

    private func timedOut(_ status: RevisionStatus?, _ context: StepContext) async throws -> StepFailure {
        if plan.onTimeout == .interrupt { try await interrupt(context, because: "timed out") }
        return timeout(of: revision, status)
    }

    private func timeout(of revision: RevisionID, _ status: RevisionStatus?) -> StepFailure {
        // After a rollback the state is known again: the new revision is not live.
        let verdict = plan.onTimeout == .rollback ? Verdict.failed : .timedOut
        return StepFailure(
            verdict, code: "DeployTimeout",
            "timed out waiting for revision \(revision): last status " + (status?.rawValue ?? "never seen"),
            hint: plan.onTimeout == .keep
                ? "it may still go live: run slipway status \(deployment), or allow more time with --timeout"
                : "deploy again with a longer --timeout")
    }

    private func superseded(_ context: StepContext) async throws {
        guard plan.onSuperseded == .follow else {
            throw supersededFailure(
                "superseded by a newer one",
                hint: "run slipway status to see what is live; --on-superseded follow waits for the newer one")
        }
        guard tracked.sha != nil || image != nil else {
            throw supersededFailure("superseded by a newer one, whose commit cannot be determined")
        }
        try await follow(revision, context)
    }

    /// Waits for the revision that superseded `skipped`, or that one in turn; it is a success only when it is built
    /// from our commit.
    private func follow(_ skipped: RevisionID, _ context: StepContext) async throws {
        let client = services.client.with(deadline: context.lookDeadline)
        guard let newest = try await client.deployment(deployment).latestRevisionID, newest != skipped else {
            throw supersededFailure("superseded by a newer one")
        }
        context.note("following revision \(newest), which superseded \(skipped)")
        switch try await watcher(newest, context).watch() {
        case .deployed(let live):
            try put(.deployed, live, context)
            context.output("followed-revision-id", .string(live.id.rawValue))
        case .superseded: try await follow(newest, context)
        case .timedOut(let status): throw timeout(of: newest, status)
        case .failed, .mismatch, .interrupted, .gone:
            throw supersededFailure("superseded by \(newest), which is not live with our commit")
        }
    }

    private func supersededFailure(
        _ what: String, hint: String = "run slipway status to see what is live"
    ) -> StepFailure {
        StepFailure(
            .superseded, code: "Superseded", "revision \(revision) was skipped: \(what)", hint: hint)
    }

    /// Best effort, and short at the deadline: the failure that led here is what is reported.
    private func interrupt(_ context: StepContext, because reason: String) async throws {
        let client = services.client.with(deadline: context.lookDeadline)
        do {
            try await context.perform("interrupt-revision", facts: ["revision": revision.rawValue]) {
                try await client.interrupt(revision, of: deployment)
            }
            context.note("revision \(revision) interrupted: \(reason)")
            if let now = try? await client.revision(revision, of: deployment) {
                watcher(revision, context).announce(now)
            }
        } catch let error as ControlPlaneError {
            context.warn("cannot interrupt revision \(revision): \(error.message)")
        }
    }
}

extension RevisionStatus {
    /// `BUILD_FAILED` as `BuildFailed`.
    var failureCode: String {
        rawValue.split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined()
    }
}

/// Finds out, once, whether another revision was created between the last read and ours (docs/failures.md, row 23).
struct ConcurrentDeployCheck: Sendable {
    /// Lists may lag behind the revision itself.
    private static let tries = 3

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let revision: RevisionID
    /// The revisions that were there before ours.
    let known: Set<RevisionID>
    private var triesLeft = Self.tries

    init(
        client: ControlPlaneClient, context: StepContext, deployment: DeploymentID, revision: RevisionID,
        known: Set<RevisionID>
    ) {
        self.client = client
        self.context = context
        self.deployment = deployment
        self.revision = revision
        self.known = known
    }

    /// Those between ours and what was there before it, newest first; nil as long as ours is not listed. `listed` is
    /// newest first.
    static func intruders(before revision: RevisionID, in listed: [Revision], known: Set<RevisionID>) -> [RevisionID]? {
        guard let place = listed.firstIndex(where: { $0.id == revision }) else { return nil }
        return listed[place...].dropFirst().map(\.id).prefix { !known.contains($0) }.map(\.self)
    }

    /// Costs nothing but a warning: what it finds changes nothing about ours.
    mutating func look() async {
        guard triesLeft > 0, !known.isEmpty, !known.contains(revision) else { return }
        triesLeft -= 1
        let listed: [Revision]
        do {
            listed = try await client.listRevisions(of: deployment, limit: RevisionSearch.listed).resources
        } catch {
            context.note("cannot list the revisions before ours: \(error)", level: .debug)
            return
        }
        guard let intruders = Self.intruders(before: revision, in: listed, known: known) else { return }
        triesLeft = 0
        guard !intruders.isEmpty else { return }
        context.warn(
            "concurrent deploy: \(intruders.map { "revision \($0)" }.joined(separator: ", ")) created just before ours, "
                + "\(revision), which replaces it")
    }
}
