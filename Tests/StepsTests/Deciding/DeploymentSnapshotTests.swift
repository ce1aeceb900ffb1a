import Clocks
import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct DeploymentSnapshotTests {
    @Test func `past durations are those of the revisions that got there, newest first`() {
        let snapshot = DeploymentSnapshot(
            deployment: .sample(active: "b"),
            revisions: [
                .sample("c", .buildFailed, took: 5), .sample("b", took: 90), .sample("x"), .sample("a", took: 60.5),
            ])
        #expect(snapshot.pastDurations == [.seconds(90), .seconds(60.5)])
        #expect(snapshot.active?.id.rawValue == "b")
    }

    @Test func `an active revision that is not listed is not known`() {
        #expect(DeploymentSnapshot(deployment: .sample(active: "z"), revisions: [.sample("a")]).active == nil)
        #expect(DeploymentSnapshot(deployment: .sample(), revisions: [.sample("a")]).active == nil)
    }
}
