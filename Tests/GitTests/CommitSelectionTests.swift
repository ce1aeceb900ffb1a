import Testing

@testable import Git

@Suite struct CommitSelectionTests {
    private let a = CommitID(String(repeating: "a", count: 40))
    private let b = CommitID(String(repeating: "b", count: 40))

    @Test func `HEAD and its branch are the default`() throws {
        let a = try #require(a)
        let selection = try select(head: Head(commit: a, branch: "main", tags: ["v1", "v2"]))
        #expect(selection.commit == a)
        #expect(selection.reference == .branch("main"))
        #expect(selection.source == .head)
        #expect(selection.warnings.isEmpty)
        #expect(selection.explanation == "commit aaaaaaaaaaaa (main), from HEAD")
    }

    @Test func `a detached HEAD with one tag uses that tag`() throws {
        let a = try #require(a)
        #expect(try select(head: Head(commit: a, branch: nil, tags: ["v1"])).reference == .tag("v1"))
    }

    @Test(arguments: [[], ["v1", "v2"]])
    func `a detached HEAD with no tag or several is refused outside CI`(tags: [String]) throws {
        let a = try #require(a)
        let error = #expect(throws: GitError.self) { try select(head: Head(commit: a, branch: nil, tags: tags)) }
        #expect(error?.kind == .detachedHead)
        #expect(error?.hint?.contains("--ref") == true)
        for tag in tags { #expect(error?.message.contains(tag) == true) }
    }

    @Test func `in CI a detached HEAD gets its reference from the CI system`() throws {
        let a = try #require(a)
        let ci = CIContext(provider: .github, commit: a, reference: .branch("main"))
        let selection = try select(head: Head(commit: a, branch: nil), ci: ci)
        #expect(selection.reference == .branch("main"))
        #expect(selection.source == .environment)
    }

    @Test func `in CI without a commit, HEAD is used`() throws {
        let a = try #require(a)
        let selection = try select(head: Head(commit: a, branch: nil), ci: CIContext(provider: .gitlab))
        #expect(selection.commit == a)
        #expect(selection.reference == nil)
        #expect(selection.source == .head)
    }

    @Test func `the CI system's commit overrides HEAD with a warning`() throws {
        let (a, b) = (try #require(a), try #require(b))
        let ci = CIContext(provider: .github, commit: b, reference: .branch("main"), origin: .eventFile)
        let selection = try select(head: Head(commit: a, branch: nil), ci: ci)
        #expect(selection.commit == b)
        #expect(selection.source == .eventFile)
        #expect(selection.warnings == ["working tree is at commit aaaaaaaaaaaa, not at bbbbbbbbbbbb"])
    }

    @Test(arguments: [true, false])
    func `GitHub's merge of a pull request is refused with the fix as hint`(eventWasRead: Bool) throws {
        let (a, b) = (try #require(a), try #require(b))
        let ci = CIContext(provider: .github, commit: eventWasRead ? b : nil, syntheticMerge: a)
        let error = #expect(throws: GitError.self) { try select(head: Head(commit: a, branch: nil), ci: ci) }
        #expect(error?.kind == .syntheticMergeCommit)
        #expect(error?.hint?.contains("ref: ${{ github.event.pull_request.head.sha }}") == true)
    }

    @Test func `a pull request checked out at its head is accepted`() throws {
        let (a, b) = (try #require(a), try #require(b))
        let ci = CIContext(
            provider: .github, commit: a, reference: .branch("topic"), origin: .eventFile, syntheticMerge: b)
        let selection = try select(head: Head(commit: a, branch: nil), ci: ci)
        #expect(selection.commit == a)
        #expect(selection.warnings.isEmpty)
    }

    @Test func `the newest commit of the source branch replaces GitLab's merge`() throws {
        let (a, b) = (try #require(a), try #require(b))
        let ci = CIContext(provider: .gitlab, commit: b, reference: .branch("topic"), syntheticMerge: a)
        let selection = try select(head: Head(commit: a, branch: nil), ci: ci)
        #expect(selection.commit == b)
        #expect(selection.warnings == ["working tree is at CI's test merge aaaaaaaaaaaa, not at bbbbbbbbbbbb"])
    }

    @Test func `--ref overrides everything, including a merge that would be refused`() throws {
        let (a, b) = (try #require(a), try #require(b))
        let ci = CIContext(provider: .github, commit: a, reference: .branch("topic"), syntheticMerge: a)
        let ref = ResolvedCommit(text: "v1", commit: b, reference: .tag("v1"))
        let selection = try select(ref: ref, head: Head(commit: a, branch: "main"), ci: ci)
        #expect(selection.commit == b)
        #expect(selection.reference?.repoRef == "refs/tags/v1")
        #expect(selection.source == .flag)
        #expect(selection.warnings.count == 1)
    }

    @Test func `--sha sets the commit and --ref the reference`() throws {
        let (a, b) = (try #require(a), try #require(b))
        let ref = ResolvedCommit(text: "main", commit: b, reference: .branch("main"))
        let selection = try select(ref: ref, sha: a, head: Head(commit: a, branch: nil))
        #expect(selection.commit == a)
        #expect(selection.reference == .branch("main"))
        #expect(selection.warnings == ["main is at bbbbbbbbbbbb, not at aaaaaaaaaaaa"])
    }

    @Test func `--sha alone gets the reference of CI or HEAD at that commit`() throws {
        let (a, b) = (try #require(a), try #require(b))
        let ci = CIContext(provider: .gitlab, commit: a, reference: .branch("topic"))
        #expect(try select(sha: a, head: Head(commit: a, branch: "main")).reference == .branch("main"))
        #expect(try select(sha: a, head: Head(commit: a, branch: nil), ci: ci).reference == .branch("topic"))
        #expect(try select(sha: b, head: Head(commit: a, branch: "main"), ci: ci).reference == nil)
    }

    @Test func `without a repository --sha is required`() throws {
        let a = try #require(a)
        #expect(try select(sha: a, head: nil).commit == a)
        let error = #expect(throws: GitError.self) { try select(head: nil) }
        #expect(error?.kind == .notARepository)
        #expect(error?.hint?.contains("inside the repository") == true)
    }

    @Test func `CI warnings are passed on`() throws {
        let a = try #require(a)
        let ci = CIContext(provider: .github, commit: a, warnings: ["no event"])
        #expect(try select(head: Head(commit: a, branch: nil), ci: ci).warnings == ["no event"])
    }

    private func select(
        ref: ResolvedCommit? = nil, sha: CommitID? = nil, head: Head?, ci: CIContext = .none
    ) throws -> CommitSelection {
        try CommitSelection(ref: ref, sha: sha, head: head, ci: ci)
    }
}
