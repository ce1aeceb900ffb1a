import ControlPlaneTypes
import TestSupport
import Testing

@Suite struct SimulatedRolloutTests {
    @Test(
        arguments: [
            (0.0, RevisionStatus.queued), (50, .building), (100, .awaitingDeploy), (120, .deploying), (149, .deploying),
            (150, .deployed), (1000, .deployed),
        ])
    func `a rollout goes through its phases`(age: Double, status: RevisionStatus) {
        #expect(SimulatedRollout(buildEnd: 100, end: 150).status(at: age) == status)
    }

    @Test(arguments: [(24.0, RevisionStatus.building), (25, .buildFailed)])
    func `a failing one ends in its build`(age: Double, status: RevisionStatus) {
        #expect(SimulatedRollout(buildEnd: 100, end: 150).failing(after: 0.25).status(at: age) == status)
    }
}
