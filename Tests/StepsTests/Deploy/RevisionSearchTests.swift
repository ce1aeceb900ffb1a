import ControlPlane
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import Steps

@Suite struct RevisionMatcherTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var listed: [Revision]
        var answered: RevisionID?
        var tarball: String?
        var image: ImageReference?
        var ref: String?
        var isRepeated: Bool
        var finding: RevisionMatcher.Finding

        init(
            _ name: String, _ listed: [Revision], answered: String? = nil, tarball: String? = nil,
            image: String? = nil, ref: String? = "main", isRepeated: Bool = false, _ finding: RevisionMatcher.Finding
        ) {
            testDescription = name
            self.listed = listed
            self.answered = answered.map { RevisionID($0) }
            self.tarball = tarball
            self.image = image.map { ImageReference($0) }
            self.ref = tarball == nil && image == nil ? ref : nil
            self.isRepeated = isRepeated
            self.finding = finding
        }
    }

    private static let old = Revision.sample("old", commit: "0")

    /// Of our commit, made so many seconds after the request.
    private static func twin(_ id: String, after seconds: Double = 0) -> Revision {
        var revision = Revision.sample(id, .building, commit: "1")
        revision.createdAt = Timestamp(Date(timeIntervalSince1970: 1_767_225_600 + seconds))
        return revision
    }

    static let cases = [
        Case("nothing new", [old], .notThere),
        Case("an empty list", [], .notThere),
        Case("our commit", [.sample("a", .building, commit: "1"), old], .found(RevisionID("a"))),
        Case(
            "our commit behind a newer one of somebody else",
            [.sample("b", .queued, ref: "dev"), .sample("a", .building, commit: "1"), old], .found(RevisionID("a"))),
        Case("of two of our commit the older one", [twin("b", after: 45), twin("a"), old], .found(RevisionID("a"))),
        Case(
            "of two of our commit the one that the answer names", [twin("b", after: 1), twin("a"), old], answered: "b",
            .found(RevisionID("b"))),
        Case(
            "of two that a repeated request made the newer one", [twin("b", after: 30), twin("a"), old],
            isRepeated: true, .found(RevisionID("b"))),
        Case(
            "what came too late for a repeated request is somebody else's", [twin("b", after: 31), twin("a"), old],
            isRepeated: true, .found(RevisionID("a"))),
        Case("one that may be ours", [.sample("a", .queued), old], .undecided([RevisionID("a")])),
        Case(
            "two that may be ours", [.sample("b", .queued), .sample("a", .creating), old],
            .undecided([RevisionID("b"), RevisionID("a")])),
        Case(
            "one that may be ours, and the answer names it", [.sample("a", .queued), old], answered: "a",
            .found(RevisionID("a"))),
        Case(
            "the answer names one that is not listed yet", [.sample("b", .queued), old], answered: "a", .notThere),
        Case(
            "the answer names an old one", [.sample("a", .queued), old], answered: "old", .undecided([RevisionID("a")])),
        Case("one that ended without a word of its commit", [.sample("a", .skipped), old], .found(RevisionID("a"))),
        Case(
            "of two such the older one", [.sample("b", .createFailed), .sample("a", .skipped), old],
            .found(RevisionID("a"))),
        Case(
            "our branch from another commit", [.sample("a", .building, commit: "2"), old],
            .otherCommit(RevisionID("a"), "2")),
        Case("another branch", [.sample("a", .queued, ref: "dev"), old], .onlyOthers([RevisionID("a")])),
        Case(
            "another configuration", [.sample("a", .queued, config: "b.json"), old],
            .onlyOthers([RevisionID("a")])),
        Case(
            "a plane that says neither ref nor configuration", [.sample("a", .deployed, ref: nil, config: nil), old],
            .found(RevisionID("a"))),
        Case(
            "our archive", [.sample("a", .queued, ref: nil, tarball: "ours.tar.gz"), old], tarball: "ours.tar.gz",
            .found(RevisionID("a"))),
        Case(
            "another archive", [.sample("a", .queued, ref: nil, tarball: "theirs.tar.gz"), old],
            tarball: "ours.tar.gz", .onlyOthers([RevisionID("a")])),
        Case(
            "an old one that the answer names and the list has no more", [.sample("a", .queued)], answered: "old",
            .undecided([RevisionID("a")])),
        Case(
            "the commit of somebody else says nothing of our archive", [.sample("a", .building, commit: "2"), old],
            tarball: "ours.tar.gz", .onlyOthers([RevisionID("a")])),
        Case(
            "nor of our image", [pulled("a", "registry.example/other@sha256:02", commit: "2"), old],
            image: "registry.example/agent@sha256:01", .onlyOthers([RevisionID("a")])),
        Case(
            "our image", [pulled("a", "registry.example/agent@sha256:01"), old],
            image: "registry.example/agent@sha256:01", .found(RevisionID("a"))),
        Case(
            "a ref that was not asked for contradicts nothing", [.sample("a", .queued), old], ref: nil,
            .undecided([RevisionID("a")])),
    ]

    private static func pulled(_ id: String, _ image: String, commit: String? = nil) -> Revision {
        var revision = Revision.sample(id, .queued, commit: commit)
        revision.sourceRevisionConfig?.imageURI = image
        return revision
    }

    @Test(arguments: cases)
    func `ours is`(_ example: Case) {
        let request = RevisionMatcher.Request(
            sha: "1", repoRef: example.ref, configPath: "langgraph.json", tarballPath: example.tarball,
            image: example.image)
        let own = RevisionMatcher(request, before: [RevisionID("old")])
        #expect(
            own.find(in: example.listed, answered: example.answered, isRepeated: example.isRepeated)
                == example.finding)
    }
}

@Suite struct ReconciliationTests {
    @Test func `what is found is adopted at once`() {
        var reconciliation = Reconciliation()
        #expect(reconciliation.decide(found: true) == .found)
    }

    @Test func `three clean reads allow one more sending, then three more end it`() {
        var reconciliation = Reconciliation()
        let first = (0..<3).map { _ in reconciliation.decide(found: false) }
        #expect(first == [.lookAgain, .lookAgain, .resend])
        #expect(!reconciliation.hasResent)
        reconciliation.resent()
        #expect(reconciliation.hasResent)
        let second = (0..<3).map { _ in reconciliation.decide(found: false) }
        #expect(second == [.lookAgain, .lookAgain, .giveUp])
    }

    /// 201 and 408: it was made, or may still be; 500: the control plane is done with it.
    @Test(arguments: [(201, 7), (408, 7), (502, 7), (504, 7), (524, 7), (nil, 7), (500, 3), (429, 3)] as [(Int?, Int)])
    func `a request that may be under way is looked for longer`(status: Int?, reads: Int) {
        var reconciliation = Reconciliation()
        reconciliation.lost(ControlPlaneError(.ambiguous, "lost", status: status))
        let decisions = (0..<reads).map { _ in reconciliation.decide(found: false) }
        #expect(decisions == Array(repeating: .lookAgain, count: reads - 1) + [.resend])
    }

    @Test func `what shows late is adopted after the second sending too`() {
        var reconciliation = Reconciliation()
        reconciliation.resent()
        #expect(reconciliation.decide(found: false) == .lookAgain)
        #expect(reconciliation.decide(found: true) == .found)
    }

    @Test func `the reads span ten seconds`() {
        #expect(Reconciliation.pause * (Reconciliation.cleanReads - 1) == .seconds(10))
    }
}
