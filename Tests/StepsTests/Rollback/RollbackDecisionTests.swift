import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct RollbackDecisionTests {
    private func decide(
        ours: String? = "ours", previous: String? = "old", active: String?, newer: [String] = []
    ) -> RollbackDecision {
        RollbackDecision.decide(
            .init(
                ours: ours.map { RevisionID($0) }, previous: previous.map { RevisionID($0) },
                activeNow: active.map { RevisionID($0) }, newerUnderWay: newer.map { RevisionID($0) }))
    }

    @Test(arguments: ["ours", "old", nil])
    func `what served before comes back, whichever of the two serves now`(active: String?) {
        #expect(decide(active: active) == .redeploy(RevisionID("old")))
    }

    @Test func `row 20: a live revision of somebody else stays`() {
        #expect(decide(active: "theirs") == .leave(reason: "revision theirs of another deploy went live meanwhile"))
    }

    @Test(arguments: ["ours", "old", nil])
    func `row 20: a newer revision under way takes over by itself`(active: String?) {
        #expect(
            decide(active: active, newer: ["theirs"])
                == .leave(reason: "revision theirs of another deploy is in progress and will replace it"))
    }

    @Test(arguments: ["ours", nil])
    func `row 30: without anything before there is nothing to go back to`(active: String?) {
        guard case .leave(let reason) = decide(previous: nil, active: active) else {
            Issue.record("went back to nothing")
            return
        }
        #expect(reason.contains("none to roll back to"))
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
