import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// Waits for a redeployed revision and checks that it is live.
struct RedeployWatch: Sendable {
    enum Result: Sendable {
        /// The live revision, and the deployment as it was read then.
        case live(RevisionID, Deployment)
        case failed(StepFailure, RevisionID)
    }

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    /// The revision to go back to.
    let target: Revision
    /// The revision that was live before the rollback was requested.
    let previous: RevisionID?
    /// The revision to wait for.
    let revision: RevisionID
    /// Whether the response to the request named it.
    let isNamed: Bool
    let schedule: PollSchedule
    let uploads: UploadIndex
    let sweep: DeploymentSweep
    /// Whether the target may be live all along: the control plane did not switch to a revision that was DEPLOYED.
    let targetMayStayLive: Bool
    /// Tells the run what is live.
    let record: @Sendable (Deployment) -> Void

    func finish() async throws -> Result {
        do {
            return try await wait()
        } catch is CancellationError {
            context.note("the rollback to revision \(target.id) continues without this run, as revision \(revision)")
            throw CancellationError()
        } catch {
            // What went wrong after the redeploy belongs to its revision.
            guard let failure = StepFailure(explaining: error, in: context) else { throw error }
            return .failed(failure, revision)
        }
    }

    /// Whether the target runs an image that was built elsewhere.
    private var isImage: Bool { target.source == .externalDocker }

    private func wait() async throws -> Result {
        let watcher = RevisionWatcher(
            client: client, context: context, deployment: deployment, revision: revision, role: .rollback,
            sha: target.commitSHA, image: isImage ? target.image : nil, schedule: schedule,
            uploads: uploads, sweep: sweep)
        switch try await watcher.watch() {
        case .deployed(let deployed):
            let result = try await verify()
            if case .live = result, let failure = unproven(deployed) { return .failed(failure, revision) }
            return result
        case .timedOut(let status): return .failed(timedOut(status), revision)
        case .gone(let failure): return .failed(failure, revision)
        case .failed(let failed, let cause):
            return .failed(failure("ended as \(failed.status)" + (cause.map { ": \($0)" } ?? "")), revision)
        case .superseded: return .failed(try await skipped(), revision)
        case .interrupted: return .failed(failure("was interrupted"), revision)
        case .mismatch(let built, _): return .failed(try await mismatch(built), revision)
        }
    }

    /// A newer revision takes the place of the rollback's (docs/failures.md, row 20).
    private func skipped() async throws -> StepFailure {
        StepFailure(
            .superseded, code: "Superseded",
            "rollback to revision \(target.id): revision \(revision) was skipped: superseded by a newer one"
                + (try await liveClause()),
            hint: "run slipway status \(deployment) to see what is in progress")
    }

    /// The control plane was asked for the same again, and makes something else (docs/failures.md, row 28).
    private func mismatch(_ built: String) async throws -> StepFailure {
        let difference =
            isImage
            ? "runs image \(built), not \(target.image?.text ?? "that of the target")"
            : "is built from commit \(built.prefix(12)), not from \((target.commitSHA ?? "").prefix(12))"
        return StepFailure(
            .commitMismatch, code: isImage ? "ImageMismatch" : "CommitMismatch",
            "rollback to revision \(target.id): revision \(revision) \(difference)" + (try await liveClause()),
            hint: "it may still go live: run slipway status \(deployment), then deploy the commit that should serve")
    }

    /// Tells the run what is live too.
    private func liveClause() async throws -> String {
        let live = try await BestEffortReader.deploymentAfterVerdict(deployment, client: client, clock: context.clock)
        if let live { record(live) }
        return live?.liveClause ?? ""
    }

    /// The failure for a revision that was only found, on a control plane that says the commit or image of others, but
    /// not of this one: it may be somebody else's.
    private func unproven(_ deployed: Revision) -> StepFailure? {
        guard !isNamed, deployed.id != target.id else { return nil }
        let isUnsaid =
            isImage
            ? target.image != nil && deployed.image == nil
            : target.commitSHA != nil && deployed.commitSHA == nil
        guard isUnsaid else { return nil }
        return StepFailure(
            .commitMismatch, code: isImage ? "ImageUnknown" : "CommitUnknown",
            "rollback to revision \(target.id): the response was lost, and the control plane does not say from which "
                + "\(isImage ? "image" : "commit") revision \(revision), created in the meantime, was made",
            hint: "run slipway status \(deployment) to see what is live")
    }

    private func verify() async throws -> Result {
        let live = try await LiveRevisionCheck(
            client: client, context: context, deployment: deployment, previous: previous, record: record
        )
        .waitUntilLive(targetMayStayLive ? [revision, target.id] : [revision])
        // The same code, whichever of the two is named.
        if live.activeRevisionID == target.id { return .live(target.id, live) }
        guard live.activeRevisionID == revision else {
            if let active = live.activeRevisionID, active != previous {
                let what = "rollback to revision \(target.id): revision \(revision) was deployed"
                return .failed(.superseded(what, by: active, in: deployment), revision)
            }
            let active = live.activeRevisionID.map { "revision \($0) is live" } ?? "no revision is live"
            return .failed(failure("is DEPLOYED, but \(active)"), revision)
        }
        return .live(revision, live)
    }

    private func failure(_ what: String) -> StepFailure {
        StepFailure(
            .failed, code: "RollbackFailed", "rollback to revision \(target.id): revision \(revision) \(what)",
            hint: "roll back to another revision: slipway rollback \(deployment) --to REVISION")
    }

    private func timedOut(_ status: RevisionStatus?) -> StepFailure {
        StepFailure(
            .timedOut, code: "RollbackTimeout",
            "rollback to revision \(target.id): timed out waiting for revision \(revision): last status "
                + (status?.rawValue ?? "never seen"),
            hint: "it may still go live: run slipway status \(deployment)")
    }
}
