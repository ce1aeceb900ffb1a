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
    ) -> DeployDecision {
        let desired = DesiredRevision(
            sha: "AB", repoRef: "main", configPath: "langgraph.json", source: source,
            repoURL: source == .github ? "https://github.com/octo/agent" : nil)
        let snapshot = deployment.map { DeploymentSnapshot(deployment: $0, revisions: revisions) }
        let replaced = DeployDecision.replacedCommits(
            desired: desired, snapshot: snapshot, force: policy.force, uploads: uploads)
        return DeployDecision.decide(
            desired: desired, name: "agent", snapshot: snapshot, policy: policy, uploads: uploads,
            newer: containing.intersection(replaced))
    }

    private func code(_ plan: DeployDecision) -> String? {
        if case .refuse(let failure) = plan { failure.code } else { nil }
    }

    @Test func `what is not there is created`() {
        #expect(decide(nil) == .createDeployment)
        #expect(code(decide(nil, policy: .init(mustExist: true))) == "DeploymentMissing")
    }

    @Test func `our live commit is up to date`() {
        #expect(decide(.sample(active: "live"), [.sample("live", commit: "ab")]) == .upToDate(RevisionID("live")))
    }

    @Test func `our commit with another configuration is not what is wanted`() {
        let live = Revision.sample("live", commit: "ab", config: "other.json")
        #expect(decide(.sample(active: "live"), [live]) == .createRevision)
        // A commit contains itself, which makes it no newer one.
        #expect(decide(.sample(active: "live"), [live], containing: ["ab"]) == .createRevision)
    }

    @Test func `an old revision of our commit that no longer serves is made anew`() {
        let revisions = [Revision.sample("live", commit: "cd"), .sample("old", commit: "ab")]
        #expect(decide(.sample(active: "live"), revisions) == .createRevision)
    }

    @Test(arguments: [RevisionStatus.creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying])
    func `our commit under way is taken up`(status: RevisionStatus) {
        let revisions = [Revision.sample("new", status, commit: "ab"), .sample("live", commit: "cd")]
        #expect(decide(.sample(active: "live"), revisions) == .follow(RevisionID("new")))
    }

    @Test(arguments: [RevisionStatus.buildFailed, .skipped, .interrupted, .unknown, .deployed])
    func `our commit in any other status is made anew`(status: RevisionStatus) {
        let revisions = [Revision.sample("new", status, commit: "ab"), .sample("live", commit: "cd")]
        #expect(decide(.sample(active: "live"), revisions) == .createRevision)
    }

    @Test func `our commit under way behind a newer revision will be skipped, so it is made anew`() {
        let revisions = [
            Revision.sample("newer", .queued, commit: "ef"), .sample("new", .building, commit: "ab"),
            .sample("live", commit: "cd"),
        ]
        #expect(decide(.sample(active: "live"), revisions) == .createRevision)
    }

    @Test func `a live commit that contains ours is not overwritten`() {
        let plan = decide(.sample(active: "live"), [.sample("live", commit: "cd")], containing: ["cd"])
        #expect(code(plan) == "OutdatedCommit")
        if case .refuse(let failure) = plan { #expect(failure.verdict == .superseded) }
    }

    @Test func `the repository of code that the control plane does not fetch is not compared`() {
        let desired = DesiredRevision(
            sha: "ab", repoRef: nil, configPath: "langgraph.json", repoURL: "https://github.com/octo/agent")
        let uploaded = Deployment.sample(source: .internalSource, repoURL: "https://github.com/octo/other")
        #expect(ImmutableFieldCheck.find(between: desired, and: uploaded) == nil)
        let fetched = Deployment.sample(source: .github, repoURL: "https://github.com/octo/other")
        #expect(ImmutableFieldCheck.find(between: desired, and: fetched)?.code == "RepositoryMismatch")
    }

    /// Whether one commit contains another is asked of git, which may have to fetch for it.
    @Test func `nothing is asked about commits that no new revision would replace`() {
        func replaced(_ live: String, force: Bool = false) -> [String] {
            let desired = DesiredRevision(sha: "ab", repoRef: "main", configPath: "langgraph.json", source: .github)
            let snapshot = DeploymentSnapshot(
                deployment: .sample(active: "live"),
                revisions: [.sample("new", .building, commit: live), .sample("live", commit: "cd")])
            return DeployDecision.replacedCommits(desired: desired, snapshot: snapshot, force: force, uploads: [:])
        }
        #expect(replaced("ef") == ["ef", "cd"])
        #expect(replaced("ef", force: true) == [])
        #expect(replaced("ab") == [])
    }

    @Test func `neither is one under way`() {
        let revisions = [Revision.sample("new", .building, commit: "ef"), .sample("live", commit: "cd")]
        #expect(code(decide(.sample(active: "live"), revisions, containing: ["ef"])) == "OutdatedCommit")
    }

    @Test func `force makes a revision in all these cases`() {
        let force = DeployDecision.Policy(force: true)
        #expect(
            decide(.sample(active: "live"), [.sample("live", commit: "ab")], policy: force) == .createRevision)
        #expect(
            decide(.sample(active: "live"), [.sample("live", commit: "cd")], policy: force, containing: ["cd"])
                == .createRevision)
    }

    @Test func `force does not reach over a mismatch`() {
        let other = Deployment.sample(active: "live", repoURL: "https://github.com/else/thing")
        #expect(code(decide(other, policy: .init(force: true))) == "RepositoryMismatch")
    }

    @Test func `an uploaded archive is known by our own record`() {
        let live = Revision.sample("live", ref: nil, tarball: "x.tar.gz")
        let deployment = Deployment.sample(source: .internalSource, active: "live", repoURL: nil)
        let plan = decide(deployment, [live], uploads: ["x.tar.gz": "ab"], source: .internalSource)
        #expect(plan == .upToDate(RevisionID("live")))
        #expect(decide(deployment, [live], source: .internalSource) == .createRevision)
    }

    @Test(arguments: [
        (DeployDecision.upToDate(RevisionID("a")), "none"), (.follow(RevisionID("a")), "follow"),
        (.createDeployment, "create"), (.createRevision, "revise"),
    ])
    func `each plan has its word`(plan: DeployDecision, word: String) {
        #expect(plan.action?.rawValue == word)
    }
}

@Suite struct ImmutableFieldCheckTests {
    private func code(
        _ deployment: Deployment, source: DeploymentSource? = .github,
        repoURL: String? = "https://github.com/octo/agent"
    ) -> String? {
        let wanted = DesiredRevision(
            sha: "ab", repoRef: "main", configPath: "langgraph.json", source: source, repoURL: repoURL)
        return ImmutableFieldCheck.find(between: wanted, and: deployment)?.code
    }

    @Test func `the same source and repository match`() {
        #expect(code(.sample()) == nil)
        #expect(code(.sample(), source: nil) == nil)
    }

    @Test(arguments: [
        "git@github.com:octo/agent.git", "ssh://git@github.com/octo/agent", "https://github.com/octo/agent.git",
    ])
    func `row 51: spellings of one repository match`(url: String) {
        #expect(code(.sample(), repoURL: url) == nil)
        #expect(code(.sample(repoURL: url)) == nil)
    }

    @Test func `row 51: another repository does not`() {
        #expect(code(.sample(), repoURL: "https://github.com/octo/other") == "RepositoryMismatch")
    }

    @Test func `row 51: another source does not`() {
        #expect(code(.sample(), source: .internalSource) == "SourceMismatch")
    }

    @Test(arguments: [
        (ListenerChoice(listenerID: "LISTENER", namespace: "Prod"), nil), (ListenerChoice(listenerID: "listener"), nil),
        (ListenerChoice(namespace: "prod"), nil), (ListenerChoice(), nil),
        (ListenerChoice(listenerID: "other", namespace: "prod"), "the listener listener, not other"),
        (ListenerChoice(listenerID: "listener", namespace: "test"), "the namespace prod, not test"),
    ])
    func `another listener or namespace does not match`(asked: ListenerChoice, problem: String?) {
        var deployment = Deployment.sample(source: .externalDocker, repoURL: nil)
        deployment.sourceConfig?.listenerID = "listener"
        deployment.sourceConfig?.listenerConfig = ListenerConfig(namespace: "prod")
        var desired = DesiredRevision(sha: "ab", repoRef: nil, configPath: "langgraph.json", source: .externalDocker)
        desired.listener = asked
        let failure = ImmutableFieldCheck.find(between: desired, and: deployment)
        #expect(failure?.code == problem.map { _ in "ListenerMismatch" })
        #expect(problem.map { failure?.message.hasSuffix($0) == true } ?? true)
        deployment.sourceConfig?.listenerID = nil
        deployment.sourceConfig?.listenerConfig = nil
        #expect(ImmutableFieldCheck.find(between: desired, and: deployment) == nil)
    }

    @Test func `a repository that one side does not know contradicts nothing`() {
        #expect(code(.sample(), repoURL: nil) == nil)
        #expect(code(.sample(repoURL: nil)) == nil)
    }

    @Test(arguments: [DeploymentStatus.awaitingDelete, .awaitingFinalDelete])
    func `row 26: a deployment on its way out is refused`(status: DeploymentStatus) {
        #expect(code(.sample(status: status)) == "DeploymentBeingDeleted")
    }

    @Test(arguments: [DeploymentStatus.awaitingDatabase, .ready, .unused, .unknown])
    func `row 26: one that waits for its database is not`(status: DeploymentStatus) {
        #expect(code(.sample(status: status)) == nil)
    }
}

@Suite struct DeploymentNameTests {
    @Test(arguments: ["agent", "a", "support-agent-2"])
    func `a name that the service takes passes`(name: String) throws {
        try DeploymentName.check(name)
    }

    @Test(arguments: ["", "Agent", "2nd", "-a", "a b", "a_b", "größe", "a/b"])
    func `any other is refused before a request is sent`(name: String) {
        let failure = #expect(throws: StepFailure.self) { try DeploymentName.check(name) }
        #expect(failure?.verdict == .usage)
    }
}
