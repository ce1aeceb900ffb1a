import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import WorkflowModel

/// The promises of a deploy, checked against what really happened in the model.
package struct SwarmPromises {
    let scenario: SwarmScenario
    let result: WorkflowHarnessResult

    package init(scenario: SwarmScenario, result: WorkflowHarnessResult) {
        self.scenario = scenario
        self.result = result
    }

    /// What was broken, in words.
    package var breaches: [String] {
        [
            success, creations, redeploys, newerKept, duration, secrets, agreement, restored, supersededKept,
            noBugs,
        ].compactMap(\.self)
    }

    private var deployment: ModelDeployment? { result.deployment }

    private var ourRevision: ModelRevision? {
        let followed = result.output("followed-revision-id", of: "wait")?.string
        let made = result.output("revision-id", of: "deploy")?.string
        let live = result.output("revision-id", of: "preflight")?.string
        return (followed ?? made ?? live).flatMap { deployment?.revision(RevisionID($0)) }
    }

    private var success: String? {
        guard result.verdict == .success else { return nil }
        guard let ours = ourRevision, ours.commit == WorkflowHarness.ourCommit else {
            return "success, but the revision is not of our commit"
        }
        let later = deployment?.served.reversed().prefix { $0.id != ours.id }.map(\.id) ?? []
        let isForeign = later.allSatisfy { deployment?.revision($0)?.isForeign == true }
        let wasLive = deployment?.served.contains { $0.id == ours.id } == true
        return wasLive && isForeign ? nil : "success, but our revision does not serve"
    }

    /// Revisions that our create, revision and PATCH requests made; a redeploy's do not count.
    private var creations: String? {
        guard result.plane.world(\.deployments).filter({ $0.name == "agent" }).count <= 1 else {
            return "two deployments of one name"
        }
        let initial = scenario.isNew ? 0 : 2
        let ours = (deployment?.revisions.dropFirst(initial) ?? []).filter { !$0.isForeign }
        let redeployed = result.plane.arrivals.filter {
            $0.request.endpoint == WorkflowHarnessResult.redeploy && $0.isProcessed
        }
        let made = ours.count - (result.plane.world(\.behavior.redeploysSameRevision) ? 0 : redeployed.count)
        return made <= 1 ? nil : "\(made) revisions for one intent"
    }

    private var redeploys: String? {
        let sent = result.plane.arrivals.filter { $0.request.endpoint == WorkflowHarnessResult.redeploy }
        let heard = sent.dropLast().filter { $0.fault == nil }
        return heard.isEmpty ? nil : "a second redeploy although the first one was answered"
    }

    /// Judged by what the plane had shown when the redeploy was sent.
    private var newerKept: String? {
        guard
            let redeploy = result.plane.arrivals.first(where: { $0.request.endpoint == WorkflowHarnessResult.redeploy }
            ),
            let read = result.plane.arrivals.last(where: {
                $0.at < redeploy.at && $0.fault == nil && $0.request.endpoint == "GET /v2/deployments/{id}"
            })
        else { return nil }
        let then = MonotonicInstant(sinceStart: read.at)
        guard let active = deployment?.active(at: then, lag: result.plane.world(\.behavior.activeLag)),
            deployment?.revision(active)?.isForeign == true, active.rawValue != result.rollback?.toRevisionID
        else { return nil }
        return "a redeploy although a newer revision of somebody else was live"
    }

    /// Five seconds for each of the two steps that may reach their deadline, and a second for the way.
    private var duration: String? {
        let rollback = result.outcome(of: "rollback") != .skip ? scenario.timeout + .seconds(6) : .zero
        let limit = scenario.timeout + .seconds(6) + rollback
        return result.duration <= limit ? nil : "took \(result.duration), longer than \(limit)"
    }

    private var secrets: String? {
        result.journalText.contains("lsv2_pt_") ? "the key is in the journal" : nil
    }

    private var agreement: String? {
        guard let end = result.events.last?.payload as? RunFinished, end.verdict == result.verdict else {
            return "the last event is not the verdict"
        }
        let outcomes = ["commit", "preflight", "deploy", "wait", "verify", "smoke", "rollback"]
            .compactMap { result.outcome(of: $0) }
        let isGood = outcomes.allSatisfy { $0 == .success || $0 == .skip }
        return isGood == (result.verdict == .success) ? nil : "verdict \(result.verdict), steps \(outcomes)"
    }

    private var restored: String? {
        guard result.rollback?.result == .success, let id = result.rollback?.revisionID else {
            return result.verdict == .rollbackFailed || result.rollback?.result != .failure
                || result.verdict.outcome == .cancellation ? nil : "a failed rollback, but verdict \(result.verdict)"
        }
        let revision = deployment?.revision(RevisionID(id))
        let target = result.rollback?.toRevisionID.flatMap { deployment?.revision(RevisionID($0)) }
        guard let commit = target?.commit, revision?.commit == commit else { return "restored, but to another commit" }
        if result.verdict == .success { return "success although it was rolled back" }
        let wasLive = deployment?.served.contains { $0.id.rawValue == id } == true
        return wasLive ? nil : "restored, but never live"
    }

    private var supersededKept: String? {
        result.verdict == .superseded && result.count(WorkflowHarnessResult.redeploy) > 0
            ? "superseded, but rolled back" : nil
    }

    private var noBugs: String? {
        [.internalError, .invalidWorkflow, .usage].contains(result.verdict) ? "verdict \(result.verdict)" : nil
    }
}
