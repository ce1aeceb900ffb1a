import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// `wait`: follows our revision until it is deployed, has failed, or the time is over.
struct WaitStep: Step {
    static let signature = StepSignature(
        uses: "wait",
        summary: "Waits until the revision is deployed; checks its commit while it builds.",
        inputs: [
            .init("deployment-id", isRequired: true, "the deployment"),
            .init("revision-id", isRequired: true, "the revision to wait for"),
            .init("sha", "the commit it has to be built from; empty when the plane cannot say"),
            .init("image", "the image it has to be made of; empty for a commit"),
            .init("known-revisions", "the revisions that were there before it; tells whether another one slipped in"),
            .init("past-durations", "how long the last revisions took, in seconds"),
            .init("poll-interval", "a fixed pause between polls instead of the adaptive one"),
            .init("on-superseded", default: "fail", "fail or follow"),
            .init("on-timeout", default: "keep", "rollback, interrupt or keep"),
        ],
        outputs: [
            .init("result", "deployed, failed, superseded, mismatch, interrupted, gone or timeout"),
            .init("status", "the last status seen"),
            .init("commit-sha", "the commit that the plane says it built"),
            .init("image-uri", "the image that the plane says it runs"),
            .init("followed-revision-id", "the newer revision, after on-superseded follow", durable: true),
        ], access: .reads)

    private let inputs: StepInputs
    private let services: StepServices
    private let deployment: DeploymentID
    private let revision: RevisionID
    private let pace: PollPace

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.inputs = inputs
        self.services = services
        deployment = DeploymentID(inputs.string("deployment-id") ?? "")
        revision = RevisionID(inputs.string("revision-id") ?? "")
        pace = try PollPace(
            fixed: inputs.string("poll-interval"), pastSeconds: inputs.strings("past-durations"))
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures(isUnderWay: true) {
            var watcher = watcher(revision, context)
            watcher.race = ConcurrentDeployCheck(
                client: watcher.client, context: context, deployment: deployment, revision: revision,
                known: Set(inputs.strings("known-revisions").map { RevisionID($0) }))
            try await conclude(try await watcher.watch(), context)
        }
    }

    private var image: ImageReference? { inputs.string("image").map { ImageReference($0) } }

    private func watcher(_ revision: RevisionID, _ context: StepContext) -> RevisionWatcher {
        RevisionWatcher(
            client: services.client, context: context, deployment: deployment, revision: revision, role: .ours,
            sha: inputs.string("sha"), image: image, pace: pace, uploads: services.uploads,
            logs: services.logShow(of: revision, in: deployment, context))
    }

    private func conclude(_ ending: RevisionWatcher.Ending, _ context: StepContext) async throws {
        switch ending {
        case .deployed(let revision):
            put("deployed", revision.status, revision.commitSHA, context, image: revision.image)
        case .failed(let revision):
            put("failed", revision.status, revision.commitSHA, context)
            throw try await failure(of: revision, context)
        case .superseded:
            put("superseded", .skipped, nil, context)
            try await superseded(context)
        case .mismatch(let built, let revision):
            put("mismatch", revision.status, revision.commitSHA, context, image: revision.image)
            throw try await mismatch(built, revision, context)
        case .interrupted:
            put("interrupted", .interrupted, nil, context)
            throw StepFailure(
                .failed, code: "RevisionInterrupted", "revision \(revision) was interrupted and does not go on",
                hint: "somebody interrupted it: find out why, then deploy again")
        case .gone(let failure):
            put("gone", nil, nil, context)
            throw failure
        case .timedOut(let status):
            put("timeout", status, nil, context)
            throw try await timedOut(status, context)
        }
    }

    private func put(
        _ result: String, _ status: RevisionStatus?, _ commit: String?, _ context: StepContext,
        image: ImageReference? = nil
    ) {
        context.output("image-uri", Value(image?.text))
        context.output("result", .string(result))
        context.output("status", Value(status?.rawValue))
        context.output("commit-sha", Value(commit))
    }
}

extension WaitStep {
    private func failure(of revision: Revision, _ context: StepContext) async throws -> StepFailure {
        let tail = LogTail(
            client: services.client, context: context, deployment: deployment, revision: revision.id,
            isTold: services.followsLogs)
        let isBuild = revision.status == .buildFailed
        let line = try await tail.collect(isBuild ? [.build] : [.build, .deploy])
        let cause = line.map { ": \($0)" } ?? ""
        return StepFailure(
            .failed, code: revision.status.failureCode, "revision \(revision.id) ended as \(revision.status)\(cause)",
            hint: "the whole log: slipway logs \(deployment) --revision \(revision.id) "
                + "--type \(isBuild ? "build" : "deploy")")
    }

    private func mismatch(_ built: String, _ revision: Revision, _ context: StepContext) async throws -> StepFailure {
        if revision.status.isUnderWay {
            try await interrupt(context, because: "it is made of something else")
        }
        if let image {
            return StepFailure(
                .commitMismatch, code: "ImageMismatch",
                "revision \(revision.id) is made of the image \(built), not of \(image)",
                hint: "see what is under way with slipway status, then deploy again")
        }
        return StepFailure(
            .commitMismatch, code: "CommitMismatch",
            "revision \(revision.id) is built from commit \(built.prefix(12)), not from "
                + (inputs.string("sha") ?? "").prefix(12),
            hint: "the branch moved while the deploy began: deploy its newest commit, or deploy a tag")
    }

    private func timedOut(_ status: RevisionStatus?, _ context: StepContext) async throws -> StepFailure {
        if inputs.string("on-timeout") == "interrupt" { try await interrupt(context, because: "its time is over") }
        return timeout(of: revision, status)
    }

    private func timeout(of revision: RevisionID, _ status: RevisionStatus?) -> StepFailure {
        // Brought back, the state is known again: the new revision is not live.
        let verdict = inputs.string("on-timeout") == "rollback" ? Verdict.failed : .timedOut
        return StepFailure(
            verdict, code: "DeployTimeout",
            "revision \(revision) is not deployed and its time is over; last status "
                + (status?.rawValue ?? "never seen"),
            hint: (inputs.string("on-timeout") ?? "keep") == "keep"
                ? "it may still go live: slipway status \(deployment); give it more time with --timeout"
                : "deploy again with a longer --timeout")
    }

    private func superseded(_ context: StepContext) async throws {
        guard inputs.string("on-superseded") == "follow" else {
            throw supersededFailure(
                "a newer one took its place",
                hint: "see what serves with slipway status; --on-superseded follow waits for the newer one")
        }
        guard inputs.string("sha") != nil || image != nil else {
            throw supersededFailure("it cannot be told whether the newer one is made of our commit")
        }
        try await follow(revision, context)
    }

    /// Waits for the revision that took the place of `skipped`, or of that one in turn; it counts as success only when
    /// it is made of our commit.
    private func follow(_ skipped: RevisionID, _ context: StepContext) async throws {
        let client = services.client.with(deadline: context.lookDeadline)
        guard let newest = try await client.deployment(deployment).latestRevisionID, newest != skipped else {
            throw supersededFailure("a newer one took its place")
        }
        context.note("following revision \(newest), which took the place of \(skipped)")
        switch try await watcher(newest, context).watch() {
        case .deployed(let live):
            put("deployed", live.status, live.commitSHA, context, image: live.image)
            context.output("followed-revision-id", .string(live.id.rawValue))
        case .superseded: try await follow(newest, context)
        case .timedOut(let status): throw timeout(of: newest, status)
        case .failed, .mismatch, .interrupted, .gone:
            throw supersededFailure("\(newest), which took its place, does not serve our commit")
        }
    }

    private func supersededFailure(
        _ what: String, hint: String = "see what serves with slipway status"
    ) -> StepFailure {
        StepFailure(
            .superseded, code: "Superseded", "revision \(revision) was skipped: \(what)", hint: hint)
    }

    /// Best effort, and soon over at the deadline: the failure that led here is what is told.
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
            context.warn("revision \(revision) could not be interrupted: \(error.message)")
        }
    }
}

extension RevisionStatus {
    /// `BUILD_FAILED` as `BuildFailed`.
    var failureCode: String {
        rawValue.split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined()
    }
}
