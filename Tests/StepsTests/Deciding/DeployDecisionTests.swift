import ControlPlaneTypes
import Engine
import TestSupport
import Testing

@testable import Steps

@Suite struct DeployDecisionTests {
    private func decide(
        _ deployment: Deployment? = .sample(active: "live"), _ revisions: [Revision] = [],
        policy: DeployDecision.Policy = .init(), uploads: UploadIndex.Entries = [:], containing: Set<String> = [],
        source: DeploymentSource = .github
    ) async -> DeployDecision {
        let wanted = DesiredRevision(
            sha: "AB", repoRef: "main", configPath: "langgraph.json", source: source,
            repoURL: source == .github ? "https://github.com/octo/agent" : nil)
        return await DeployDecision.decide(
            wanted: wanted, name: "agent",
            snapshot: deployment.map { DeploymentSnapshot(deployment: $0, revisions: revisions) }, policy: policy,
            uploads: uploads, descends: { containing.contains($0) ? true : nil })
    }

    private func code(_ plan: DeployDecision) -> String? {
        if case .refuse(let failure) = plan { failure.code } else { nil }
    }

    @Test func `what is not there is created`() async {
        #expect(await decide(nil) == .createDeployment)
        #expect(await code(decide(nil, policy: .init(mustExist: true))) == "DeploymentMissing")
    }

    @Test func `our live commit is up to date`() async {
        #expect(await decide(.sample(active: "live"), [.sample("live", commit: "ab")]) == .upToDate(RevisionID("live")))
    }

    @Test func `our commit with another configuration is not what is wanted`() async {
        let live = Revision.sample("live", commit: "ab", config: "other.json")
        #expect(await decide(.sample(active: "live"), [live]) == .createRevision)
    }

    @Test func `an old revision of our commit that no longer serves is made anew`() async {
        let revisions = [Revision.sample("live", commit: "cd"), .sample("old", commit: "ab")]
        #expect(await decide(.sample(active: "live"), revisions) == .createRevision)
    }

    @Test(arguments: [RevisionStatus.creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying])
    func `our commit under way is taken up`(status: RevisionStatus) async {
        let revisions = [Revision.sample("new", status, commit: "ab"), .sample("live", commit: "cd")]
        #expect(await decide(.sample(active: "live"), revisions) == .takeUp(RevisionID("new")))
    }

    @Test(arguments: [RevisionStatus.buildFailed, .skipped, .interrupted, .unknown, .deployed])
    func `our commit in any other status is made anew`(status: RevisionStatus) async {
        let revisions = [Revision.sample("new", status, commit: "ab"), .sample("live", commit: "cd")]
        #expect(await decide(.sample(active: "live"), revisions) == .createRevision)
    }

    @Test func `our commit under way behind a newer revision will be skipped, so it is made anew`() async {
        let revisions = [
            Revision.sample("newer", .queued, commit: "ef"), .sample("new", .building, commit: "ab"),
            .sample("live", commit: "cd"),
        ]
        #expect(await decide(.sample(active: "live"), revisions) == .createRevision)
    }

    @Test func `a live commit that contains ours is not overwritten`() async {
        let plan = await decide(.sample(active: "live"), [.sample("live", commit: "cd")], containing: ["cd"])
        #expect(code(plan) == "OutdatedCommit")
        if case .refuse(let failure) = plan { #expect(failure.verdict == .superseded) }
    }

    @Test func `neither is one under way`() async {
        let revisions = [Revision.sample("new", .building, commit: "ef"), .sample("live", commit: "cd")]
        #expect(await code(decide(.sample(active: "live"), revisions, containing: ["ef"])) == "OutdatedCommit")
    }

    @Test func `force makes a revision in all these cases`() async {
        let force = DeployDecision.Policy(force: true)
        #expect(
            await decide(.sample(active: "live"), [.sample("live", commit: "ab")], policy: force) == .createRevision)
        #expect(
            await decide(.sample(active: "live"), [.sample("live", commit: "cd")], policy: force, containing: ["cd"])
                == .createRevision)
    }

    @Test func `force does not reach over a mismatch`() async {
        let other = Deployment.sample(active: "live", repoURL: "https://github.com/else/thing")
        #expect(await code(decide(other, policy: .init(force: true))) == "RepositoryMismatch")
    }

    @Test func `an uploaded archive is known by our own record`() async {
        let live = Revision.sample("live", ref: nil, tarball: "x.tar.gz")
        let deployment = Deployment.sample(source: .internalSource, active: "live", repoURL: nil)
        let plan = await decide(deployment, [live], uploads: ["x.tar.gz": "ab"], source: .internalSource)
        #expect(plan == .upToDate(RevisionID("live")))
        #expect(await decide(deployment, [live], source: .internalSource) == .createRevision)
    }

    @Test(arguments: [
        (DeployDecision.upToDate(RevisionID("a")), "none"), (.takeUp(RevisionID("a")), "take-up"),
        (.createDeployment, "create"), (.createRevision, "revise"),
    ])
    func `each plan has its word`(plan: DeployDecision, word: String) {
        #expect(plan.action == word)
    }
}
