import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import WorkflowModel

/// Makes an earlier revision live again: redeploy, wait, check that it is live. Once; it is never repeated.
struct Redeployment: Sendable {
    enum Result: Sendable {
        /// The live revision, and the deployment as it was read then.
        case serving(RevisionID, Deployment)
        case failed(StepFailure, RevisionID?)
    }

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let target: RevisionID
    let schedule: PollSchedule
    let uploads: UploadIndex
    /// Whether the target may be live all along: the control plane did not switch to a revision that was DEPLOYED.
    var targetMayStayLive = false

    /// A redeploy that was asked for: what is left is to wait and to look.
    struct Begun: Sendable {
        fileprivate let redeployment: Redeployment
        /// The revision to wait for: a new one where the control plane makes one, else the target itself.
        fileprivate let revision: RevisionID
        /// The commit it has to be, where that is known.
        fileprivate let sha: String?
    }

    private static let effect = "redeploy-revision"
    /// Names the revisions that were there before the redeploy.
    private static let knownFact = "known"

    /// What an earlier try of the step was about to bring back, and the revisions that were there before.
    static func intent(in earlier: StepRecord) -> (target: RevisionID, known: Set<RevisionID>)? {
        guard let intent = earlier.effects.last(where: { $0.effect == effect }), let target = intent.facts["revision"]
        else { return nil }
        let known = intent.facts[knownFact]?.split(separator: " ") ?? []
        return (RevisionID(target), Set(known.map { RevisionID(String($0)) }))
    }

    /// Asks for the redeploy, or finds the one that an earlier try asked for; tells the revision that it made.
    func begin(_ tell: (RevisionID) -> Void) async throws -> Begun {
        let begun = try await redeploy()
        tell(begun.revision)
        context.output("revision-id", .string(begun.revision.rawValue))
        return begun
    }

    fileprivate func wait(for waiting: RevisionID, sha: String?) async throws -> Result {
        let watcher = RevisionWatcher(
            client: client, context: context, deployment: deployment, revision: waiting, role: .rollback, sha: sha,
            schedule: schedule, uploads: uploads)
        switch try await watcher.watch() {
        case .deployed: return try await verify(waiting)
        case .timedOut(let status):
            return .failed(timedOut(waiting, status), waiting)
        case .gone(let failure): return .failed(failure, waiting)
        case .failed(let revision, let cause):
            let reason = cause.map { ": \($0)" } ?? ""
            return .failed(failure("ended as \(revision.status)\(reason)", waiting), waiting)
        case .superseded: return .failed(failure("was superseded by a newer one", waiting), waiting)
        case .interrupted: return .failed(failure("was interrupted", waiting), waiting)
        case .mismatch(let built, _):
            return .failed(failure("is built from another commit, \(built.prefix(12))", waiting), waiting)
        }
    }

    private func redeploy() async throws -> Begun {
        let search = RevisionSearch(client: client, context: context, deployment: deployment)
        let before = try await search.list()
        let earlier = Self.intent(in: context.previousAttempts)
        let known = earlier?.known ?? Set(before.map(\.id))
        let wanted = try await wanted(before)
        func begun(_ id: RevisionID) -> Begun { Begun(redeployment: self, revision: id, sha: wanted.commitSHA) }
        if let id = context.previousAttempts.outputs["revision-id"]?.string { return begun(RevisionID(id)) }
        let own = RevisionMatcher(.init(again: wanted), before: known)
        var reconciliation = Reconciliation()
        if earlier != nil {
            context.note("an earlier attempt may have requested the redeploy: looking for its revision")
            let lost = ControlPlaneError(.ambiguous, "the run ended before the response to the redeploy request")
            let found = try await search.find(own, restarted: target, &reconciliation, after: lost)
            if let found { return begun(found) }
            reconciliation.resent()
        }
        while true {
            do {
                let latest = try await send(knowing: known).latestRevisionID
                return begun(latest.flatMap { known.contains($0) ? nil : $0 } ?? target)
            } catch let error as ControlPlaneError where error.kind == .ambiguous {
                context.warn("lost the response to the redeploy request (\(error.message)): looking for its revision")
                let found = try await search.find(own, restarted: target, &reconciliation, after: error)
                if let found { return begun(found) }
                reconciliation.resent()
            }
        }
    }

    private func wanted(_ listed: [Revision]) async throws -> Revision {
        if let found = listed.first(where: { $0.id == target }) { return found }
        return try await client.revision(target, of: deployment)
    }

    private func send(knowing known: Set<RevisionID>) async throws -> Deployment {
        let facts = [
            "revision": target.rawValue, Self.knownFact: known.map(\.rawValue).sorted().joined(separator: " "),
        ]
        return try await context.perform(Self.effect, facts: facts) {
            try await client.redeploy(target, of: deployment)
        }
    }

    private func verify(_ waiting: RevisionID) async throws -> Result {
        let live = try await LiveRevisionCheck(client: client, context: context, deployment: deployment)
            .waitUntilLive(targetMayStayLive ? [waiting, target] : [waiting])
        // The same code, whichever of the two is named.
        if live.activeRevisionID == target { return .serving(target, live) }
        guard live.activeRevisionID == waiting else {
            let serving = live.activeRevisionID.map { "revision \($0) is live" } ?? "no revision is live"
            return .failed(failure("is DEPLOYED, but \(serving)", waiting), waiting)
        }
        return .serving(waiting, live)
    }

    private func failure(_ what: String, _ waiting: RevisionID) -> StepFailure {
        StepFailure(
            .failed, code: "RollbackFailed", "rollback to revision \(target): revision \(waiting) \(what)",
            hint: "roll back to another revision: slipway rollback \(deployment) --to REVISION")
    }

    private func timedOut(_ waiting: RevisionID, _ status: RevisionStatus?) -> StepFailure {
        StepFailure(
            .timedOut, code: "RollbackTimeout",
            "rollback to revision \(target): timed out waiting for revision \(waiting): last status "
                + (status?.rawValue ?? "never seen"),
            hint: "it may still go live: run slipway status \(deployment)")
    }
}

extension Redeployment.Begun {
    func finish() async throws -> Redeployment.Result {
        do {
            return try await redeployment.wait(for: revision, sha: sha)
        } catch is CancellationError {
            redeployment.context.note(
                "the rollback to revision \(redeployment.target) continues without this run, as revision \(revision)")
            throw CancellationError()
        } catch {
            // What went wrong after the redeploy belongs to its revision.
            guard let failure = StepFailure(explaining: error) else { throw error }
            return .failed(failure, revision)
        }
    }
}

extension RevisionMatcher.Request {
    /// A redeploy makes the same once more.
    fileprivate init(again revision: Revision) {
        let config = revision.sourceRevisionConfig
        self.init(
            sha: revision.commitSHA ?? "", repoRef: config?.repoRef, configPath: config?.configPath,
            tarballPath: config?.sourceTarballPath,
            image: revision.source == .externalDocker ? revision.image : nil)
    }
}
