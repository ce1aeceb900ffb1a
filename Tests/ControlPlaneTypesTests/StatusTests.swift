import ControlPlaneTypes
import FoundationEssentials
import Testing

@Suite struct StatusTests {
    @Test func `row 19: a status that is not known is kept, and is neither an end nor a success`() throws {
        let status = try JSONDecoder().decode(RevisionStatus.self, from: Data(#""PAUSED""#.utf8))
        #expect(status.rawValue == "PAUSED")
        #expect(!status.isTerminal && !status.isFailure && !status.isInProgress)
        #expect(status != .deployed)
    }

    @Test func `only success, failure and being superseded are ends`() {
        #expect(
            RevisionStatus.known.filter(\.isTerminal)
                == [.createFailed, .buildFailed, .deployFailed, .deployed, .skipped])
        #expect(RevisionStatus.known.filter(\.isFailure) == [.createFailed, .buildFailed, .deployFailed])
        #expect(RevisionStatus.known.count == 13)
        #expect(RevisionStatus.known.filter { $0.isInProgress && $0.isTerminal }.isEmpty)
    }

    @Test func `both ways of being deleted count`() {
        #expect(DeploymentStatus.awaitingDelete.isBeingDeleted)
        #expect(DeploymentStatus.awaitingFinalDelete.isBeingDeleted)
        #expect(!DeploymentStatus.ready.isBeingDeleted)
    }
}
