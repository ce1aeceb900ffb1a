import ControlPlaneTypes
import Foundation
import TestSupport
import Testing

@testable import LocalControlPlane

struct KeepPolicyTests {
    /// Newest first.
    private func revisions(_ statuses: RevisionStatus...) -> [RevisionRecord] {
        statuses.enumerated().map { position, status in
            let id = RevisionID("r\(position)")
            var config = SourceRevisionConfig()
            config.sourceTarballPath = "uploads/\(position)"
            return RevisionRecord(
                id: id, deploymentID: DeploymentID("d"), source: .internalSource, status: status, config: config,
                artifactID: id, createdAt: .distantPast, updatedAt: .distantPast)
        }
    }

    @Test
    func `the live build, those before it and what is under way are kept`() {
        let all = revisions(
            .building, .buildFailed, .deployed, .deployFailed, .deployed, .deployed, .deployed, .deployed)
        let policy = KeepPolicy(revisions: all, active: RevisionID("r7"))
        #expect(Set(policy.trees.map(\.rawValue)) == ["r0", "r2", "r4", "r5", "r7"])
    }

    @Test
    func `a redeployed revision keeps the build that it runs from`() {
        var all = revisions(.deployed, .deployed, .deployed, .deployed)
        all[0].artifactID = RevisionID("r3")
        let policy = KeepPolicy(revisions: all, active: RevisionID("r0"))
        #expect(policy.trees.contains(RevisionID("r3")))
        #expect(!policy.trees.contains(RevisionID("r0")))
    }

    @Test
    func `the archives of the last revisions are kept`() {
        let all = (0..<12).flatMap { _ in revisions(.deployed) }
        #expect(KeepPolicy(revisions: all, active: nil).archives == ["uploads/0"])
        let distinct = revisions(
            .deployed, .deployed, .deployed, .deployed, .deployed, .deployed, .deployed, .deployed, .deployed,
            .deployed, .deployed, .deployed)
        #expect(KeepPolicy(revisions: distinct, active: nil).archives.count == 10)
    }
}
