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
        #expect(decide(active: "theirs") == .leave(reason: "revision theirs of somebody else went live meanwhile"))
    }

    @Test(arguments: ["ours", "old", nil])
    func `row 20: a newer revision under way takes over by itself`(active: String?) {
        #expect(
            decide(active: active, newer: ["theirs"])
                == .leave(reason: "revision theirs of somebody else is under way and will take over"))
    }

    @Test(arguments: ["ours", nil])
    func `row 30: without anything before there is nothing to go back to`(active: String?) {
        guard case .leave(let reason) = decide(previous: nil, active: active) else {
            Issue.record("went back to nothing")
            return
        }
        #expect(reason.contains("none to go back to"))
    }

    @Test func `the causes are the words that the workflow uses`() {
        #expect(
            RollbackDecision.Cause.allCases.map(\.rawValue)
                == ["failed", "mismatch", "not-serving", "smoke-failed", "timeout"])
    }
}
