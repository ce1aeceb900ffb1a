import Clocks
import ControlPlaneTypes
import Engine
import Reports
import TestSupport
import WorkflowModel

/// The promises of a deploy and of a rollback, judged by what the model plane did at each instant, not by what it
/// showed.
struct SwarmPromises {
    let scenario: SwarmScenario
    let result: WorkflowHarnessResult
    let history: SwarmHistory
    let processes: Int

    init(_ run: SwarmRun) {
        scenario = run.scenario
        result = run.result
        processes = run.processes
        history = SwarmHistory(run.result.plane)
    }

    /// What was broken, in words.
    var breaches: [String] {
        [
            success, lastCheck, creations, intent, redeploys, rivalsKept, slotKept, healthyKept, restored,
            supersededKept, rollbackDelay, verdictDelay, deadline, sight, duration,
            pace, secrets, agreement, report, noBugs,
        ].compactMap(\.self)
    }

    /// The revision that the run answers for; after a rollback by hand, the one that is live again.
    var ourRevision: ModelRevision? {
        let ids: [String?] =
            scenario.isRollbackByHand
            ? [result.rollback?.revisionID]
            : [
                result.output("followed-revision-id", of: "wait")?.string,
                result.output("revision-id", of: "create")?.string,
                result.output("revision-id", of: "preflight")?.string,
            ]
        return ids.lazy.compactMap(\.self).first.flatMap { history.deployment?.revision(RevisionID($0)) }
    }

    private var success: String? {
        guard result.verdict == .success else { return nil }
        guard let ours = ourRevision else { return "success, but there is no revision" }
        if !scenario.isRollbackByHand, ours.commit != WorkflowHarness.ourCommit {
            return "success, but the revision is not of our commit"
        }
        return history.wasLive(ours.id, before: result.duration) ? nil : "success, but our revision was never live"
    }

    /// Success is checked last: what went live more than two seconds before the end has been seen. When the plane took
    /// longer for its last answer, nobody can know what has happened since it was asked.
    private var lastCheck: String? {
        guard result.verdict == .success, let ours = ourRevision, let end = result.events.last else { return nil }
        let latest = scenario.time(of: end) - .seconds(2)
        let slow = history.arrivals(at: "GET /v2/deployments/{id}").last { $0.answer?.status == 200 }.flatMap { last in
            last.answer.map { $0.at >= latest && $0.at - last.at > .seconds(2) } == true ? last.at : nil
        }
        let seen = (slow ?? latest) - result.plane.world(\.behavior.activeLag)
        guard let live = history.live(at: seen), live.id != ours.id, live.isForeign,
            history.wasLive(ours.id, before: seen),
            !history.wentLive(ours.id, after: seen, until: scenario.time(of: end))
        else { return nil }
        return "success, but revision \(live.id) of somebody else was live before the last check"
    }

    /// Revisions that our create, revision and PATCH requests made; a redeploy's do not count.
    private var creations: String? {
        guard result.plane.world(\.deployments).filter({ $0.name == "agent" }).count <= 1 else {
            return "two deployments of one name"
        }
        let made = history.ourCreations.count
        return made <= 1 ? nil : "\(made) revisions for one intent"
    }

    /// Names and refs are sent as they are, also after a resume.
    private var intent: String? {
        let wrong = history.ourCreations.first { $0.ref != scenario.trial.ref }
        return wrong.map { "revision \($0.id) was made from ref \($0.ref ?? "none")" }
    }

    private var redeploys: String? {
        let sent = history.arrivals(at: WorkflowHarnessResult.redeploy)
        let heard = sent.dropLast().contains { $0.fault == nil && $0.answer?.status == 200 }
        return heard && processes == 1 ? "a second redeploy although the first one was answered" : nil
    }

    private var restored: String? {
        guard result.rollback?.result == .success, let id = result.rollback?.revisionID else { return nil }
        let revision = history.deployment?.revision(RevisionID(id))
        let target = result.rollback?.toRevisionID.flatMap { history.deployment?.revision(RevisionID($0)) }
        guard let commit = target?.commit, revision?.commit == commit else { return "restored, but to another commit" }
        if result.verdict == .success, !scenario.isRollbackByHand { return "success although it was rolled back" }
        return history.wasLive(RevisionID(id), before: result.duration) ? nil : "restored, but never live"
    }

    private var supersededKept: String? {
        result.verdict == .superseded && !scenario.isRollbackByHand && result.count(WorkflowHarnessResult.redeploy) > 0
            ? "superseded, but rolled back" : nil
    }

    private var secrets: String? {
        let text = result.journalText
        if text.contains("lsv2_pt_") { return "the key is in the journal" }
        return text.contains(SwarmSecrets.secret) ? "a secret is in the journal" : nil
    }

    private var agreement: String? {
        guard let end = result.events.last?.payload as? RunFinished, end.verdict == result.verdict else {
            return "the last event is not the verdict"
        }
        let outcomes = ["commit", "preflight", "create", "wait", "verify", "target", "smoke", "rollback"]
            .compactMap { result.outcome(of: $0) }
        let isGood = outcomes.allSatisfy { $0 == .success || $0 == .skip }
        return (isGood && !wasCutShort) == (result.verdict == .success)
            ? nil : "verdict \(result.verdict), steps \(outcomes)"
    }

    /// Whether a cancellation kept a step from running.
    private var wasCutShort: Bool {
        let steps = scenario.isRollbackByHand ? ["rollback"] : ["create", "wait", "verify"]
        let ran = steps + (scenario.trial.inputs["smoke"] == nil ? [] : ["smoke"])
        // What a cancelled process left undone, a resumed one did.
        let last = result.events.lastIndex { $0.payload is RunStarted }.map { result.events[$0...] } ?? []
        guard last.contains(where: { $0.payload is RunCancelled }) else { return false }
        return ran.contains { result.outcome(of: $0) == .skip }
    }

    private var report: String? {
        var fold = RunFold()
        for event in result.events { fold.add(event) }
        let summary = fold.finished()
        guard summary.verdict == result.verdict else {
            return "the report says \(summary.verdict?.rawValue ?? "nothing")"
        }
        guard result.verdict == .success, let ours = ourRevision else { return nil }
        let named = summary.rollouts.last?.liveRevisionID
        return named == ours.id.rawValue ? nil : "success, but the report calls \(named ?? "nothing") live"
    }

    private var noBugs: String? {
        [.internalError, .invalidWorkflow, .usage].contains(result.verdict) ? "verdict \(result.verdict)" : nil
    }
}
