import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct RollbackCandidatesTests {
    private func candidates(_ active: String?, _ revisions: Revision...) -> RollbackCandidates {
        RollbackCandidates(snapshot: DeploymentSnapshot(deployment: .sample(active: active), revisions: revisions))
    }

    @Test func `the last deployed one before the live one is preferred`() {
        let choice = candidates(
            "live", .sample("newer", .buildFailed), .sample("live", commit: "c"), .sample("failed", .deployFailed),
            .sample("b", commit: "b"), .sample("a", commit: "a"))
        #expect(choice.preferred?.id.rawValue == "b")
        #expect(choice.revisions.map(\.id.rawValue) == ["b", "a"])
    }

    @Test func `the live revision is told by its id, or by what no other one begins with`() {
        let choice = candidates("4f2a91c0", .sample("4f2a91c0", commit: "c"), .sample("4f2b0000", commit: "b"))
        #expect(["4f2a91c0", "4f2a", "4F2A9"].allSatisfy(choice.isLive))
        #expect(!["4f2", "4f2b", "4f2a91c01", "9"].contains(where: choice.isLive))
    }

    @Test func `one of another commit is preferred to the same commit again`() {
        let choice = candidates(
            "live", .sample("live", commit: "c"), .sample("again", commit: "c"), .sample("b", commit: "b"))
        #expect(choice.preferred?.id.rawValue == "b")
    }

    /// What was live one after the other, oldest first, and the commit to go back to.
    private static let histories: [(String, String?)] = [
        ("a", nil), ("a b", "a"), ("a b c", "b"),
        // The same commit again, whatever settings it has: what it was before cannot be told.
        ("a a", nil), ("a a a", nil), ("z a a a", "z"), ("a b b", "a"),
        // One step back is a rollback.
        ("a b a", nil), ("z a b a", "z"), ("a b b a", nil), ("a b c b", "a"), ("a b c b a", nil), ("a b c b d", "b"),
        ("c a b a", "c"), ("c a b a c", nil), ("z a b a d a", "z"), ("a b a c", "a"), ("a b a c a", nil),
        // Deployed again after it was rolled back.
        ("a b a b", "a"), ("a b a b c", "b"), ("a b a b a", nil),
        // Further back is a deploy of an old commit.
        ("a b c a", "c"), ("a b c a c", "b"), ("a b c a c b", nil), ("a b c a d", "a"), ("z a b c a c b", "z"),
    ]

    @Test(arguments: histories)
    func `a rollback goes back to what was live before and was not rolled back`(history: String, target: String?) {
        let commits = history.split(separator: " ").map(String.init)
        #expect(candidates(of: commits).preferred?.commitSHA == target)
        if target == nil {
            let failure = #expect(throws: StepFailure.self) { try candidates(of: commits).target(nil) }
            #expect(failure?.code == "NoRollbackTarget")
            #expect(failure?.verdict == .failed)
        }
    }

    /// `-a` was recorded as a rollback, `+a` as a deploy.
    private func candidates(of commits: [String]) -> RollbackCandidates {
        let revisions = commits.enumerated().map {
            Revision.sample("r\($0)", commit: String($1.drop { "+-".contains($0) }))
        }
        var snapshot = DeploymentSnapshot(
            deployment: .sample(active: revisions.last?.id.rawValue), revisions: revisions.reversed())
        for (revision, commit) in zip(revisions, commits) {
            if commit.hasPrefix("-") { snapshot.recorded.rollbacks.insert(revision.id) }
            if commit.hasPrefix("+") { snapshot.recorded.deploys.insert(revision.id) }
        }
        return RollbackCandidates(snapshot: snapshot)
    }

    @Test(
        arguments: [
            ("a b c -a", nil), ("z a b c -a", "z"), ("a b c -a d", "a"), ("a b c -a c", "a"), ("a b c -a -c", "a"),
            ("a b c -a d -a", nil), ("a b c +a", "c"), ("a -a", nil), ("a b -a", nil), ("a b c -b", "a"), ("a -b", "a"),
            ("a b a -a", nil), ("z a b c -a -z", nil),
        ] as [(String, String?)])
    func `a rollback over several steps takes away all that came after its target`(history: String, target: String?) {
        let candidates = candidates(of: history.split(separator: " ").map(String.init))
        #expect(candidates.preferred?.commitSHA == target)
        #expect(candidates.unclearLive == nil)
    }

    @Test func `what is live again from further back is unclear without a record`() {
        #expect(candidates(of: ["a", "b", "c", "a"]).unclearLive?.id == "r3")
        #expect(candidates(of: ["a", "b", "c", "a", "d"]).unclearLive == nil)
        #expect(candidates(of: ["a", "b", "a"]).unclearLive == nil)
        let back = candidates(of: ["a", "b", "c", "-a"]).snapshot
        #expect(back.rollback(.sample("r3", commit: "a"))?.undone == "r2")
        #expect(back.rollback(.sample("r3", commit: "a"))?.target == "r0")
    }

    @Test func `rollbacks one after the other end, and never bring back what is live or was left`() {
        var (histories, wrong): ([[String]], [String]) = ([[]], [])
        for _ in 0..<6 { histories += histories.flatMap { history in ["a", "b", "c"].map { history + [$0] } } }
        for history in Set(histories) where !history.isEmpty {
            var (commits, left) = (history, Set<String>())
            for _ in 0..<4 {
                guard let next = candidates(of: commits).preferred?.commitSHA else { break }
                if next == commits.last || left.contains(next) { wrong.append("\(history) then \(commits)") }
                left.formUnion(commits.suffix(1))
                commits.append(next)
            }
            // Of three commits two can be left.
            if commits.count - history.count > 2 { wrong.append("\(history) then \(commits)") }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    @Test func `images are the same by their digest, with or without a tag`() {
        let digest = "@sha256:" + String(repeating: "a", count: 64)
        let images = [":1" + digest, ":2", digest].map { "registry.example/agent" + $0 }
        let revisions = images.enumerated().map { number, image in
            var revision = Revision.sample("r\(number)", config: nil)
            revision.source = .externalDocker
            revision.sourceRevisionConfig?.imageURI = image
            return revision
        }
        let choice = RollbackCandidates(
            snapshot: DeploymentSnapshot(deployment: .sample(active: "r2"), revisions: revisions.reversed()))
        #expect(choice.preferred == nil)
        #expect(choice.revisions.map(choice.whyNotChosen) == ["rolled back before", "same as the live one"])
    }

    @Test func `only a step back is called a rollback`() {
        let back = candidates(of: ["a", "b", "a"]).snapshot
        #expect(back.rollback(.sample("r2", commit: "a"))?.undone == "r1")
        #expect(back.rollback(.sample("r2", commit: "a"))?.target == "r0")
        #expect(candidates(of: ["a", "b", "c", "a"]).snapshot.rollback(.sample("r3", commit: "a")) == nil)
        #expect(candidates(of: ["a", "a"]).snapshot.rollback(.sample("r1", commit: "a")) == nil)
    }

    @Test func `what a rollback took away is skipped, however often commits came and went`() {
        let once = candidates(
            "again", .sample("again", commit: "a"), .sample("bad", commit: "b"), .sample("good", commit: "a"),
            .sample("first", commit: "z"))
        #expect(once.preferred?.id == "first")
        #expect(once.skipped(before: .sample("first")).map(\.id.rawValue) == ["bad"])
        let twice = candidates(
            "e", .sample("e", commit: "a"), .sample("d", commit: "b2"), .sample("c", commit: "a"),
            .sample("b", commit: "b"), .sample("a", commit: "a"), .sample("z", commit: "z"))
        #expect(twice.preferred?.id == "z")
        #expect(twice.skipped(before: .sample("z")).map(\.id.rawValue) == ["d", "b"])
    }

    @Test func `a revision that was deployed after the live one is not what was there before`() {
        let choice = candidates("live", .sample("newer", commit: "d"), .sample("live", commit: "c"))
        #expect(choice.preferred == nil)
        #expect(choice.revisions.map(\.id.rawValue) == ["newer"])
    }

    @Test func `when nothing serves the newest deployed one is preferred`() {
        let choice = candidates(nil, .sample("x", .buildFailed), .sample("b", commit: "b"), .sample("a", commit: "a"))
        #expect(choice.preferred?.id.rawValue == "b")
    }

    @Test func `what is under way is newer than the live one`() {
        let choice = candidates(
            "live", .sample("queued", .queued), .sample("done", .skipped), .sample("live"), .sample("odd", .building))
        #expect(choice.underWay.map(\.id.rawValue) == ["queued"])
    }

    @Test(arguments: [
        ("zz", "UnknownRevision"), ("b", "UnknownRevision"), ("live", "LiveAlready"), ("bad", "NeverDeployed"),
    ])
    func `what cannot be gone back to is refused`(named: String, code: String) {
        let choice = candidates("live", .sample("live"), .sample("bad", .buildFailed), .sample("b1"), .sample("b2"))
        let failure = #expect(throws: StepFailure.self) { try choice.target(named) }
        #expect(failure?.code == code)
        #expect(failure?.verdict == .usage)
    }

    @Test func `a deployed commit names its newest revision`() throws {
        let (good, bad) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
        let choice = candidates(
            "live", .sample("live", commit: bad), .sample("new", commit: good), .sample("old", commit: good),
            .sample("failed", .buildFailed))
        #expect(try choice.target("AAAAAAA").id == "new")
        #expect(throws: StepFailure.self) { try choice.target("aaaaaa") }
        #expect(throws: StepFailure.self) { try choice.target(bad) }
    }

    @Test func `the list says why a revision is not chosen`() {
        let choice = candidates(
            "again", .sample("again", commit: "a"), .sample("bad", commit: "b"), .sample("good", commit: "a"),
            .sample("first", commit: "z"), .sample("unknown"))
        #expect(choice.revisions.map(choice.whyNotChosen) == ["rolled back before", "same as the live one", nil, nil])
    }

    @Test func `a revision that restored what was live before a failed one is told from a deploy`() {
        let snapshot = candidates(
            "back", .sample("back", commit: "a"), .sample("bad", .deployFailed, commit: "b"),
            .sample("good", commit: "a")
        ).snapshot
        let restored = snapshot.restored(.sample("back", commit: "a"))
        #expect(restored?.failed == "bad" && restored?.target == "good")
        #expect(snapshot.restored(.sample("good", commit: "a")) == nil)
    }

    @Test func `a misspelt name is answered with the one that exists`() async throws {
        var trial = WorkflowHarness.deployed()
        trial.workflow = BuiltinWorkflows.rollback
        trial.inputs = ["deployment": "agnet"]
        let failure = try await trial.run().failure
        #expect(failure?.hint?.hasPrefix("did you mean 'agent'?") == true)
    }

    @Test func `the beginning of an id is enough, in capitals too`() throws {
        let choice = candidates("live", .sample("live"), .sample("b1"), .sample("c2"))
        #expect(try choice.target("B").id.rawValue == "b1")
    }

    @Test(arguments: [
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", true), ("3F2504E0-4F89-41D3-9A0C-0305E82C3301", true),
        ("agent", false), ("3f2504e04f8941d39a0c0305e82c3301", false), ("zzzzzzzz-4f89-41d3-9a0c-0305e82c3301", false),
    ])
    func `an id is told from a name by its form`(text: String, isID: Bool) {
        #expect(DeploymentID(text).isUUID == isID)
    }
}

@Suite struct RevisionPrefixTests {
    private let revisions: [Revision] = [.sample("abcd-1"), .sample("abce-2", .buildFailed), .sample("f00d-3")]

    private func failure(_ text: String) -> StepFailure? {
        #expect(throws: StepFailure.self) {
            try RevisionPrefix.choose(text, among: revisions, of: "agent")
        }
    }

    @Test func `one that begins like that is meant`() throws {
        #expect(try RevisionPrefix.choose("f", among: revisions, of: "agent") == "f00d-3")
        #expect(try RevisionPrefix.choose("abce", among: revisions, of: "agent") == "abce-2")
    }

    @Test func `more than one is an error that names them`() {
        let failure = failure("abc")
        #expect(failure?.verdict == .usage)
        #expect(failure?.code == "AmbiguousRevision")
        #expect(failure?.message.contains("abcd-1 (DEPLOYED), abce-2 (BUILD_FAILED)") == true)
    }

    @Test(arguments: ["x", "abcd-11", ""])
    func `none is an error`(text: String) {
        #expect(failure(text)?.code == "UnknownRevision")
    }

    @Test func `one behind the newest hundred is found`() async throws {
        let trial = WorkflowHarness {
            $0.addDeployment(commits: (0..<150).map { String(repeating: "\($0 % 10)", count: 40) })
        }
        let key = trial.plane.world(\.key)
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: key, source: "test"), transport: trial.plane, clock: trial.clock,
            jitter: { 0 })
        let oldest = trial.plane.world { $0.deployments.first?.revisions.first?.id }
        let id = try #require(oldest)
        let found = try await VirtualTimeExecutor.run(on: trial.clock) {
            let deployment = try #require(try await client.deployment(named: "agent"))
            return try await RevisionPrefix.find(
                String(id.rawValue.prefix(8)).uppercased(), of: deployment, client: client)
        }
        #expect(found == id)
    }
}
