import ControlPlaneTypes
import Testing

@testable import Steps

@Suite struct RolloutPhaseTests {
    @Test(
        arguments: [
            (RevisionStatus.creating, RolloutPhase.building), (.queued, .building), (.awaitingBuild, .building),
            (.building, .building), (.awaitingDeploy, .deploying), (.deploying, .deploying),
            (.interrupted, .unclear), (.unknown, .unclear), (RevisionStatus(rawValue: "PAUSED"), .unclear),
        ])
    func `a status tells what can come next`(status: RevisionStatus, phase: RolloutPhase) {
        #expect(RolloutPhase(status) == phase)
    }
}
