import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct SlotDecisionTests {
    private func decide(
        active: String? = "r1", _ revisions: [Revision], force: Bool = false, newer: Set<String> = []
    ) -> SlotDecision {
        let basis = SlotDecision.Basis(
            desired: DesiredRevision(sha: "ours", repoRef: "main", configPath: "langgraph.json"),
            previous: "r1", force: force)
        let now = DeploymentSnapshot(deployment: .sample(active: active), revisions: revisions)
        let replaced = SlotDecision.replacedCommits(basis, now: now, uploads: [:])
        return SlotDecision.decide(basis, now: now, uploads: [:], newer: newer.intersection(replaced))
    }

    private let old = Revision.sample("r1", commit: "old")

    @Test func `nothing under way lets ours go`() {
        #expect(decide([old]) == .clear)
        #expect(decide([.sample("r2", .buildFailed, commit: "other"), old]) == .clear)
    }

    @Test func `what is under way is waited for, the newest first`() {
        let building = Revision.sample("r2", .building, commit: "other")
        let queued = Revision.sample("r3", .queued)
        #expect(decide([building, old]) == .wait("r2"))
        #expect(decide([queued, building, old]) == .wait("r3"))
    }

    @Test(arguments: [RevisionStatus.queued, .building, .deploying])
    func `a revision of our commit is taken up as soon as its commit is known`(status: RevisionStatus) {
        #expect(decide([.sample("r2", status, commit: "ours"), old]) == .takeUp("r2"))
        #expect(decide([.sample("r2", status), old]) == .wait("r2"))
    }

    @Test func `what went live meanwhile is taken up, stops us, or is deployed over`() {
        #expect(decide(active: "r2", [.sample("r2", commit: "ours"), old]) == .takeUp("r2"))
        let newer = Revision.sample("r2", commit: "newer")
        #expect(decide(active: "r2", [newer, old], newer: ["newer"]) == .outdated("r2", commit: "newer"))
        #expect(decide(active: "r2", [newer, old]) == .clear)
    }

    @Test func `what is under way and contains our commit stops us`() {
        let newer = Revision.sample("r2", .building, commit: "newer")
        #expect(decide([newer, old], newer: ["newer"]) == .outdated("r2", commit: "newer"))
    }

    @Test func `what served before is no news`() {
        #expect(decide([.sample("r1", commit: "newer")], newer: ["newer"]) == .clear)
    }

    @Test func `forced, we only wait`() {
        let newer = Revision.sample("r2", .building, commit: "newer")
        #expect(decide([newer, old], force: true, newer: ["newer"]) == .wait("r2"))
        #expect(decide(active: "r2", [.sample("r2", commit: "ours"), old], force: true) == .clear)
    }
}
