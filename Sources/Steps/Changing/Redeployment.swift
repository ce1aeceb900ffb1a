import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// Brings an old revision back: redeploy, wait, check that it serves. Once, never again by itself.
struct Redeployment: Sendable {
    enum Result: Sendable {
        /// The revision that serves, and the deployment as it then was.
        case serving(RevisionID, Deployment)
        case failed(StepFailure, RevisionID?)
    }

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let target: RevisionID
    let pace: PollPace

    func run() async throws -> Result {
        let waiting = try await redeploy()
        context.record(
            .rollbackSeen(
                RollbackSeen(attempted: true, toRevisionID: target.rawValue, revisionID: waiting.rawValue)))
        context.output("revision-id", .string(waiting.rawValue))
        let watcher = RevisionWatcher(
            client: client, context: context, deployment: deployment, revision: waiting, role: .rollback, sha: nil,
            pace: pace)
        switch try await watcher.watch() {
        case .deployed: return try await verify(waiting)
        case .timedOut(let status):
            return .failed(timedOut(waiting, status), waiting)
        case .gone(let failure): return .failed(failure, waiting)
        case .failed(let revision):
            let line = try await LogTail(
                client: client, context: context, deployment: deployment, revision: waiting
            ).collect([.build, .deploy])
            let cause = line.map { ": \($0)" } ?? ""
            return .failed(failure("ended as \(revision.status)\(cause)", waiting), waiting)
        case .superseded: return .failed(failure("was skipped: a newer one took its place", waiting), waiting)
        case .interrupted, .mismatch: return .failed(failure("was interrupted", waiting), waiting)
        }
    }

    /// The revision to wait for: a new one where the plane makes one, else the target itself.
    private func redeploy() async throws -> RevisionID {
        let before = try await client.deployment(deployment)
        do {
            let after = try await context.perform("redeploy-revision", facts: ["revision": target.rawValue]) {
                try await client.redeploy(target, of: deployment)
            }
            return newRevision(before, after)
        } catch let error as ControlPlaneError where error.kind == .ambiguous {
            context.warn("the answer to the redeploy was lost (\(error.message)): looking for its revision")
            return try await reconcile(before)
        }
    }

    private func newRevision(_ before: Deployment, _ after: Deployment) -> RevisionID {
        if let latest = after.latestRevisionID, latest != before.latestRevisionID { return latest }
        return target
    }

    /// Two redeploys of the same revision do no harm, so it may be sent again when nothing is seen of the first.
    private func reconcile(_ before: Deployment) async throws -> RevisionID {
        for _ in 0..<Reconciliation.cleanReads {
            let now = try await client.deployment(deployment)
            if now.latestRevisionID != before.latestRevisionID || now.activeRevisionID == target {
                return newRevision(before, now)
            }
            try await context.clock.sleep(for: Reconciliation.pause)
        }
        let after = try await context.perform("redeploy-revision", facts: ["revision": target.rawValue]) {
            try await client.redeploy(target, of: deployment)
        }
        return newRevision(before, after)
    }

    private func verify(_ waiting: RevisionID) async throws -> Result {
        let live = try await ServingCheck(client: client, context: context, deployment: deployment).wait(for: waiting)
        guard live.activeRevisionID == waiting else {
            let serving = live.activeRevisionID.map { "revision \($0) serves" } ?? "no revision serves"
            return .failed(failure("is DEPLOYED, but \(serving)", waiting), waiting)
        }
        return .serving(waiting, live)
    }

    private func failure(_ what: String, _ waiting: RevisionID) -> StepFailure {
        StepFailure(
            .failed, code: "RollbackFailed", "rollback to revision \(target): revision \(waiting) \(what)",
            hint: "choose another revision by hand: slipway rollback \(deployment) --to REVISION")
    }

    private func timedOut(_ waiting: RevisionID, _ status: RevisionStatus?) -> StepFailure {
        StepFailure(
            .timedOut, code: "RollbackTimeout",
            "rollback to revision \(target): revision \(waiting) is not deployed and its time is over; last status "
                + (status?.rawValue ?? "never seen"),
            hint: "it may still go live: slipway status \(deployment)")
    }
}
