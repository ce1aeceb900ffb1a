import Clocks
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import Steps

@Suite struct DeploymentMatcherTests {
    private let began = Date(timeIntervalSince1970: 1_767_225_600)
    private let wanted = DesiredRevision(sha: "ours", repoRef: "main", configPath: "langgraph.json")

    private func found(_ change: (inout Deployment) -> Void = { _ in }) -> Deployment {
        var deployment = Deployment.sample()
        deployment.createdAt = Timestamp(began.addingTimeInterval(1))
        var revision = SourceRevisionConfig()
        revision.repoRef = "main"
        revision.configPath = "langgraph.json"
        deployment.sourceRevisionConfig = revision
        change(&deployment)
        return deployment
    }

    private func isOurs(_ deployment: Deployment) -> Bool {
        DeploymentMatcher.objection(to: deployment, desired: wanted, began: began) == nil
    }

    @Test(arguments: [(3600.0, true), (0, true), (-299, true), (-301, false), (-86_400, false)])
    func `row 41: created_at counts with five minutes of slack`(seconds: Double, isOurs: Bool) {
        #expect(self.isOurs(found { $0.createdAt = Timestamp(began.addingTimeInterval(seconds)) }) == isOurs)
    }

    @Test func `a time that is not known, or no time, is no objection`() {
        #expect(isOurs(found { $0.createdAt = nil }))
        #expect(isOurs(found { $0.createdAt = Timestamp(text: "yesterday") }))
        let old = found { $0.createdAt = Timestamp(began.addingTimeInterval(-86_400)) }
        #expect(DeploymentMatcher.objection(to: old, desired: wanted, began: nil) == nil)
    }

    @Test func `row 8: what was asked for otherwise was asked for by somebody else`() {
        #expect(!isOurs(found { $0.sourceRevisionConfig?.repoRef = "dev" }))
        #expect(!isOurs(found { $0.sourceRevisionConfig?.configPath = "else/langgraph.json" }))
        #expect(!isOurs(found { $0.sourceConfig?.buildOnPush = true }))
        #expect(isOurs(found { $0.sourceRevisionConfig = nil }))
    }
}

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

    @Test(arguments: [("not a time", "2025-01-01T07:00:00Z"), ("2025-01-01T07:00:00Z", nil), (nil, nil)])
    func `a revision without both times has no duration`(start: String?, end: String?) {
        var revision = Revision.sample("a")
        revision.createdAt = start.map { Timestamp(text: $0) }
        revision.updatedAt = end.map { Timestamp(text: $0) }
        #expect(DeploymentSnapshot(deployment: .sample(), revisions: [revision]).pastDurations.isEmpty)
    }

    @Test func `an active revision that is not listed is not known`() {
        #expect(DeploymentSnapshot(deployment: .sample(active: "z"), revisions: [.sample("a")]).active == nil)
        #expect(DeploymentSnapshot(deployment: .sample(), revisions: [.sample("a")]).active == nil)
    }
}
