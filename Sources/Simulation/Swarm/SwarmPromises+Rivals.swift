import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import WorkflowModel

/// Promises about other people's revisions, judged at the instant at which each of our changes was sent.
extension SwarmPromises {
    /// A read so much older than a change does not count.
    private static let freshness: Duration = .seconds(2)

    private var ourRedeploys: [SwarmHistory.Arrival] { history.arrivals(at: WorkflowHarnessResult.redeploy) }

    /// Nothing is redeployed over a newer revision that may go live.
    var rivalsKept: String? {
        for redeploy in ourRedeploys {
            let seen = lastSeen(before: redeploy)
            let rivals = history.rivals(newerThan: undone, visibleAt: seen).filter {
                history.mayBeLive($0, at: redeploy.at) && (undone != nil || $0.createdAt.sinceStart >= targetRead)
            }
            guard let rival = rivals.last(where: { !isLikeOurs($0) }) else { continue }
            let status = history.status(of: rival, at: redeploy.at)
            return "redeploy at \(redeploy.at) over newer revision \(rival.id), \(status) since "
                + "\(rival.createdAt.sinceStart)"
        }
        return nil
    }

    /// What happened before has been seen when this change was sent. On a control plane that takes longer than 2 s for
    /// each of three looks, that is what the last one was asked for.
    private func lastSeen(before change: SwarmHistory.Arrival) -> Duration {
        let fresh = change.at - Self.freshness
        let reads = history.arrivals(at: WorkflowHarnessResult.list).filter { read in
            read.answer.map { $0.status == 200 && $0.at <= change.at } ?? false
        }.suffix(3)
        let isSlow =
            reads.count == 3
            && reads.allSatisfy { read in
                read.answer.map { $0.at - lookStart(of: read) > Self.freshness } ?? false
            }
        return isSlow ? min(fresh, reads.last?.at ?? fresh) : fresh
    }

    /// A look is a read of the deployment, then of the list of its revisions.
    private func lookStart(of list: SwarmHistory.Arrival) -> Duration {
        let before = history.arrivals.last { arrival in
            let isRead = [WorkflowHarnessResult.read, WorkflowHarnessResult.list].contains(arrival.request.endpoint)
            return isRead && arrival.at < list.at
        }
        guard let before, before.request.endpoint == WorkflowHarnessResult.read else { return list.at }
        return before.at
    }

    /// Whether one of our requests may have made it, too, so that nobody can tell whose it is: the same commit, made
    /// within 30 s of ours where a request was repeated, or within 1 s where the control plane creates revisions by
    /// PATCH: its answer names the newest revision, not the one that it made.
    private func isLikeOurs(_ rival: ModelRevision) -> Bool {
        let requests = history.arrivals.filter {
            let isCreation = [WorkflowHarnessResult.revise, WorkflowHarnessResult.patch].contains($0.request.endpoint)
            return isCreation && $0.answer?.status != 405
        }
        guard let ours = undone, rival.commit == ours.commit else { return false }
        let apart = abs((rival.createdAt.sinceStart - ours.createdAt.sinceStart).seconds)
        if requests.count > 1 { return apart <= 30 }
        return apart <= 1 && requests.contains { $0.request.endpoint == WorkflowHarnessResult.patch }
    }

    /// When the plane answered the first read that the target of a rollback by hand was chosen on: what is newer was not
    /// known then.
    private var targetRead: Duration {
        let start = result.events.last { ($0.payload as? StepStarted)?.step == "target" }
        let began = start.map { scenario.time(of: $0) } ?? .zero
        return history.arrivals.lazy.compactMap { arrival in
            arrival.answer?.status == 200 ? arrival.processedAt : nil
        }.first { $0 >= began } ?? .zero
    }

    /// The revision that a deploy made or took up, which a rollback undoes; nil for a rollback by hand.
    private var undone: ModelRevision? {
        guard !scenario.isRollbackByHand else { return nil }
        if let made = history.ourCreations.first { return made }
        return result.output("revision-id", of: "create")?.string.flatMap {
            history.deployment?.revision(RevisionID($0))
        }
    }

    /// No revision is made while somebody else's is in progress.
    var slotKept: String? {
        let creations = history.arrivals.filter {
            [WorkflowHarnessResult.revise, WorkflowHarnessResult.patch].contains($0.request.endpoint)
        }
        for creation in creations {
            let seen = lastSeen(before: creation)
            let rival = history.rivals(newerThan: nil, visibleAt: seen).first {
                history.mayBeLive($0, at: creation.at) && history.status(of: $0, at: creation.at).isInProgress
            }
            guard let rival else { continue }
            return "revision requested at \(creation.at) while \(rival.id) was "
                + "\(history.status(of: rival, at: creation.at))"
        }
        return nil
    }

    /// A revision that is live and healthy is not rolled back for a deadline, nor for a read of best effort.
    var healthyKept: String? {
        guard !scenario.isRollbackByHand, let redeploy = ourRedeploys.first, let ours = undone,
            scenario.trial.inputs["on-timeout"] != "rollback", isHealthy(ours),
            history.live(at: redeploy.at)?.id == ours.id,
            !history.arrivals(at: "GET").contains(where: { $0.fault != nil })
        else { return nil }
        return "rolled back at \(redeploy.at), although \(ours.id) was live and healthy"
    }

    /// After a good answer, only the plane itself ends a watch; what something in between says does not.
    var sight: String? {
        let refusals = history.arrivals.filter { if case .refusal = $0.fault { true } else { false } }
        // Three of the plane's own are an answer.
        guard !scenario.choices.contains("revoked"), refusals.count < 3 else { return nil }
        for event in result.events {
            guard let end = event.payload as? StepFinished, let failure = end.failure,
                ["wait", "verify", "rollback"].contains(end.step), Self.strangersCodes.contains(failure.code),
                !history.isDeleted(at: scenario.time(of: event))
            else { continue }
            // A rollback by hand that has changed nothing yet may give up.
            if scenario.isRollbackByHand, !ourRedeploys.contains(where: \.isProcessed) { continue }
            return "step \(end.step) was ended by something in between: \(failure.code)"
        }
        return nil
    }

    /// Of failures that the plane did not answer with, unless the deployment was deleted.
    private static let strangersCodes: Set<String> = [
        "ProxyRefused", "CertificateNotTrusted", "NotFound", "RevisionGone", "DeploymentDeleted", "Redirected",
    ]

    private func isHealthy(_ revision: ModelRevision) -> Bool {
        revision.rollout.agentStatus == 200 && revision.rollout.reportsCommit && revision.rollout.ending == .deployed
            && revision.commit == WorkflowHarness.ourCommit
    }
}
