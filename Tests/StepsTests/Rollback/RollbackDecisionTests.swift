import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import Steps

/// Newest first: `ours` was made after `old` was live; what is not known was made by somebody else since.
@Suite struct RollbackDecisionTests {
    private let ours = Revision.sample("ours", .buildFailed, commit: "ours")
    private let old = Revision.sample("old", commit: "old")

    private func decide(
        active: String? = "ours", _ revisions: [Revision]? = nil, previous: String? = "old",
        cause: RollbackCause = .failed, isRepeated: Bool? = nil, isNamed: Bool? = nil,
        known: [String]? = ["old"]
    ) -> RollbackDecision {
        var tracked = TrackedRevision(deploymentID: "d", id: "ours")
        (tracked.sha, tracked.isRepeated, tracked.isNamed) = ("ours", isRepeated, isNamed)
        let now = DeploymentSnapshot(deployment: .sample(active: active), revisions: revisions ?? [ours, old])
        var situation = RollbackDecision.Situation(target: previous.map { RevisionID($0) }, now: now)
        situation.previous = situation.target
        situation.undone = (tracked, cause)
        situation.known = known.map { Set($0.map { RevisionID($0) }) }
        return RollbackDecision.decide(situation)
    }

    private func decideByHand(
        active: String, _ revisions: [Revision], force: Bool = false
    ) -> RollbackDecision {
        let now = DeploymentSnapshot(deployment: .sample(active: active), revisions: revisions)
        var situation = RollbackDecision.Situation(target: "old", now: now)
        situation.previous = "bad"
        situation.known = ["bad", "old"]
        situation.force = force
        return RollbackDecision.decide(situation)
    }

    private func isLeft(_ decision: RollbackDecision, because word: String) -> Bool {
        guard case .leave(let reason) = decision else { return false }
        return reason.contains(word)
    }

    @Test(arguments: ["ours", "old", nil])
    func `what was live before comes back, whichever of the two is live now`(active: String?) {
        #expect(decide(active: active) == .redeploy("old"))
    }

    @Test func `what was live before is known though it is older than all that were read`() {
        #expect(decide(active: "old", [ours]) == .redeploy("old"))
        #expect(isLeft(decide(active: "unlisted", [ours]), because: "unlisted"))
        // A resumed run goes back to what it chose before, which may be what somebody got live just before ours.
        var resumed = RollbackDecision.Situation(
            target: "theirs", now: DeploymentSnapshot(deployment: .sample(active: "theirs"), revisions: [ours]))
        resumed.previous = "old"
        resumed.undone = (TrackedRevision(deploymentID: "d", id: "ours"), .failed)
        #expect(RollbackDecision.decide(resumed) == .redeploy("theirs"))
        resumed.now?.deployment.activeRevisionID = "old"
        #expect(RollbackDecision.decide(resumed) == .redeploy("theirs"))
    }

    @Test func `the target is nobody else's, though it is in progress again and newer than what is live`() {
        let now = DeploymentSnapshot(
            deployment: .sample(active: "old"), revisions: [.sample("target", .building, commit: "b"), old])
        var situation = RollbackDecision.Situation(target: "target", now: now)
        situation.previous = "old"
        #expect(RollbackDecision.decide(situation) == .redeploy("target"))
    }

    @Test func `row 20: a live revision of somebody else stays`() {
        let theirs = Revision.sample("theirs", commit: "theirs")
        #expect(isLeft(decide(active: "theirs", [theirs, ours, old]), because: "theirs"))
        #expect(isLeft(decide(active: "unlisted"), because: "revision unlisted of another deploy went live"))
    }

    @Test(arguments: [
        RevisionStatus.creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying, .deployed, .unknown,
        RevisionStatus(rawValue: "PAUSED"),
    ])
    func `row 20: a newer revision that may go live stays, whatever its status, known active or not`(
        status: RevisionStatus
    ) {
        let theirs = Revision.sample("theirs", status, commit: "theirs")
        for active in ["ours", "old", nil] {
            #expect(isLeft(decide(active: active, [theirs, ours, old]), because: "theirs"))
            #expect(isLeft(decide(active: active, [theirs, ours, old], known: nil), because: "theirs"))
        }
    }

    @Test func `so does one that was in progress already when the deploy began`() {
        let theirs = Revision.sample("theirs", .building, commit: "theirs")
        #expect(isLeft(decide([theirs, ours, old], known: ["theirs", "old"]), because: "theirs"))
        // Behind what is live it is not going to be.
        #expect(decide([ours, theirs, old], known: ["theirs", "old"]) == .redeploy("old"))
    }

    @Test(arguments: [RevisionStatus.buildFailed, .createFailed, .deployFailed, .skipped, .interrupted])
    func `a newer revision that cannot go live any more keeps nothing back`(status: RevisionStatus) {
        #expect(decide([.sample("theirs", status), ours, old]) == .redeploy("old"))
    }

    @Test func `what somebody got live just before ours is what comes back`() {
        let theirs = Revision.sample("theirs", commit: "theirs")
        #expect(decide([ours, theirs, old]) == .redeploy("theirs"))
        #expect(isLeft(decide([ours, .sample("theirs", .building), old]), because: "theirs"))
    }

    @Test func `after a repeated request every revision of our commit is ours`() {
        let twin = Revision.sample("twin", .building, commit: "ours")
        #expect(decide([twin, ours, old], isRepeated: true) == .redeploy("old"))
        #expect(isLeft(decide([twin, ours, old]), because: "twin"))
        #expect(
            isLeft(decide([.sample("theirs", .queued, commit: "x"), ours, old], isRepeated: true), because: "theirs"))
    }

    @Test func `a revision of our commit that was made later than a repeated request can be is somebody else's`() {
        func made(_ id: String, after seconds: Double) -> Revision {
            var revision = Revision.sample(id, .building, commit: "ours")
            revision.createdAt = Timestamp(Date(timeIntervalSince1970: 1_767_225_600 + seconds))
            return revision
        }
        #expect(decide([made("twin", after: 29), made("ours", after: 0), old], isRepeated: true) == .redeploy("old"))
        let later = decide([made("twin", after: 31), made("ours", after: 0), old], isRepeated: true)
        #expect(isLeft(later, because: "twin"))
        // The response named the last one: what the earlier requests made is older.
        let named = decide([made("twin", after: 1), made("ours", after: 0), old], isRepeated: true, isNamed: true)
        #expect(isLeft(named, because: "twin"))
        let older = [made("ours", after: 29), made("twin", after: 0), old]
        #expect(decide(older, isRepeated: true, isNamed: true) == .redeploy("old"))
    }

    @Test func `after another commit was built the old revision is left when it is live`() {
        #expect(isLeft(decide(active: "old", cause: .mismatch), because: "still live"))
        #expect(decide(active: "ours", cause: .mismatch) == .redeploy("old"))
    }

    @Test func `by hand nothing is redeployed over what is newer, unless forced`() {
        let bad = Revision.sample("bad", commit: "bad")
        #expect(decideByHand(active: "bad", [bad, old]) == .redeploy("old"))
        let building = Revision.sample("theirs", .building)
        let deployed = Revision.sample("theirs", commit: "theirs")
        for revisions in [[building, bad, old], [deployed, bad, old]] {
            #expect(isLeft(decideByHand(active: "bad", revisions), because: "theirs"))
            #expect(decideByHand(active: "bad", revisions, force: true) == .redeploy("old"))
        }
        #expect(isLeft(decideByHand(active: "theirs", [deployed, bad, old]), because: "theirs"))
        // One that is not listed any more, and the target itself, where somebody was faster.
        #expect(isLeft(decideByHand(active: "unlisted", [bad, old]), because: "unlisted"))
        #expect(decideByHand(active: "old", [bad, old]) == .redeploy("old"))
        #expect(decideByHand(active: "bad", [.sample("theirs", .buildFailed), bad, old]) == .redeploy("old"))
    }

    @Test(arguments: ["ours", nil])
    func `row 30: without anything before there is nothing to go back to`(active: String?) {
        #expect(isLeft(decide(active: active, previous: nil), because: "none to roll back to"))
    }

    @Test func `the causes are the words that the workflow uses`() {
        #expect(
            RollbackCause.allCases.map(\.rawValue)
                == ["failed", "mismatch", "not-serving", "smoke-failed", "timeout"])
    }

    private func plan(_ onFailure: DeployPlan.OnFailure, _ onTimeout: DeployPlan.OnTimeout) -> DeployPlan {
        var plan = DeployPlan(action: .revise, deployment: "agent", source: .github)
        (plan.onFailure, plan.onTimeout) = (onFailure, onTimeout)
        return plan
    }

    @Test(
        arguments: zip(WaitResult.allCases, [nil, .failed, nil, .mismatch, .failed, nil, .timeout] as [RollbackCause?]))
    func `a revision that failed is rolled back, one that was superseded or is gone is not`(
        result: WaitResult, cause: RollbackCause?
    ) {
        #expect(RollbackCause(of: result, plan(.rollback, .rollback)) == cause)
        #expect(RollbackCause(of: result, plan(.keep, .rollback)) == (result == .timeout ? .timeout : nil))
        #expect(RollbackCause(of: result, plan(.rollback, .keep)) == (result == .timeout ? nil : cause))
        #expect(RollbackCause(of: result, plan(.rollback, .interrupt)) == (result == .timeout ? nil : cause))
        #expect(RollbackCause(of: result, plan(.keep, .keep)) == nil)
    }

    @Test(arguments: VerifyResult.allCases)
    func `a revision that is not live is rolled back unless it is kept, after a timeout only when asked`(
        result: VerifyResult
    ) {
        let cause: RollbackCause? = result == .notServing ? .notServing : nil
        #expect(RollbackCause(of: result, plan(.rollback, .keep)) == cause)
        #expect(RollbackCause(of: result, plan(.rollback, .interrupt)) == cause)
        #expect(RollbackCause(of: result, plan(.keep, .rollback)) == (result == .timeout ? .timeout : nil))
    }

    @Test(arguments: SmokeResult.allCases)
    func `a smoke test that fails is rolled back unless it is kept, after a timeout only when asked`(
        result: SmokeResult
    ) {
        let cause: RollbackCause? = result == .failed ? .smokeFailed : nil
        #expect(RollbackCause(of: result, plan(.rollback, .keep)) == cause)
        #expect(RollbackCause(of: result, plan(.rollback, .interrupt)) == cause)
        #expect(RollbackCause(of: result, plan(.keep, .rollback)) == (result == .timeout ? .timeout : nil))
    }
}
