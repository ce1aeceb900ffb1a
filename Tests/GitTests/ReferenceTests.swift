import TestSupport
import Testing

@testable import Git

@Suite struct RepositoryReferenceTests {
    @Test(arguments: Reader.allCases)
    func `the error for an unborn branch names the branch`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let repository = try await reader.open(fixture)

        let error = await #expect(throws: GitError.self) { try await repository.head() }
        #expect(error?.kind == .unbornBranch)
        #expect(error?.message.contains("branch main") == true)
    }

    @Test(arguments: Reader.allCases)
    func `a detached HEAD has no branch, but has its tags`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let first = try await fixture.commit()
        try await fixture.git("tag", "light")
        try await fixture.git("tag", "--annotate", "--message", "Release", "annotated")
        try await fixture.git("tag", "--annotate", "--message", "Tag of a tag", "nested", "annotated")
        try await fixture.git("tag", "of-a-tree", "HEAD^{tree}")
        try fixture.write("more.txt")
        try await fixture.commit()
        try await fixture.git("tag", "later")
        try await fixture.git("checkout", "--quiet", "--detach", first.description)

        let head = try await reader.open(fixture).head()

        #expect(head == Head(commit: first, branch: nil, tags: ["annotated", "light", "nested"]))
        #expect(head.isDetached)
    }

    @Test(arguments: Reader.allCases)
    func `packed references are found like loose ones`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        try await fixture.git("tag", "--annotate", "--message", "Release", "v1")
        try await fixture.git("branch", "topic/with/slashes")
        try await fixture.git("pack-refs", "--all")

        let repository = try await reader.open(fixture)

        #expect(try await repository.head().tags == ["v1"])
        #expect(try await repository.lookUp("topic/with/slashes").reference == .branch("topic/with/slashes"))
        #expect(try await repository.lookUp("v1") == ResolvedCommit(text: "v1", commit: id, reference: .tag("v1")))
    }

    @Test(arguments: Reader.allCases)
    func `branch and tag of one name: the name is the branch`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let old = try await fixture.commit()
        try await fixture.git("tag", "v1")
        try fixture.write("more.txt")
        let new = try await fixture.commit()
        try await fixture.git("branch", "v1")
        let repository = try await reader.open(fixture)

        let found = try await repository.lookUp("v1")
        #expect(found.commit == new)
        #expect(found.reference == .branch("v1"))
        #expect(found.otherMeaning == .tag("v1"))
        let tag = try await repository.lookUp("refs/tags/v1")
        #expect(tag.commit == old)
        #expect(tag.reference == .tag("v1"))
    }

    @Test(arguments: Reader.allCases)
    func `a revision may be an id, a branch, a tag or a full reference`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let first = try await fixture.commit()
        try await fixture.git("tag", "--annotate", "--message", "Release", "v1")
        let second = try await fixture.commit()
        let repository = try await reader.open(fixture)

        for text in [first.description, first.abbreviated, "v1", "refs/tags/v1", "HEAD~1"] {
            #expect(try await repository.resolve(text) == first, "\(text)")
        }
        for text in ["main", "refs/heads/main", "HEAD", second.description.uppercased()] {
            #expect(try await repository.resolve(text) == second, "\(text)")
        }
        #expect(try await repository.lookUp("refs/tags/v1").reference == .tag("v1"))
        #expect(try await repository.lookUp("refs/heads/main").reference == .branch("main"))
        #expect(try await repository.lookUp(first.description).reference == nil)
    }

    @Test(arguments: Reader.allCases)
    func `HEAD resolves to its branch, and a tag does not hide a branch of the same name`(reader: Reader)
        async throws
    {
        let fixture = try await GitFixture()
        try await fixture.commit()
        try await fixture.git("tag", "same")
        let second = try await fixture.commit()
        try await fixture.git("branch", "same")
        let repository = try await reader.open(fixture)

        #expect(try await repository.lookUp("HEAD").reference == .branch("main"))
        #expect(
            try await repository.lookUp("same")
                == ResolvedCommit(
                    text: "same", commit: second, reference: .branch("same"), otherMeaning: .tag("same")))
        try await fixture.git("checkout", "--quiet", "--detach")
        #expect(
            try await repository.lookUp("HEAD") == ResolvedCommit(text: "HEAD", commit: second, reference: nil))
    }

    @Test(arguments: Reader.allCases)
    func `a branch that exists only on the remote is found by its bare name`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        try await fixture.git("branch", "topic")
        let clone = try await fixture.clone()
        try await clone.git("checkout", "--quiet", "--detach")
        try await clone.git("branch", "--quiet", "-D", "main")

        let repository = try await reader.open(clone)

        #expect(
            try await repository.lookUp("topic")
                == ResolvedCommit(text: "topic", commit: id, reference: .branch("topic")))
        #expect(try await repository.lookUp("origin/main").reference == .branch("main"))
    }

    @Test(
        arguments: Reader.allCases,
        [
            "nothing", "refs/heads/nothing", "0123456789abcdef0123456789abcdef01234567", "--all", "", "a b",
            "main:missing",
        ])
    func `the error for an unknown revision names it`(reader: Reader, text: String) async throws {
        let fixture = try await GitFixture()
        try await fixture.commit()
        let repository = try await reader.open(fixture)

        let error = await #expect(throws: GitError.self) { try await repository.resolve(text) }
        #expect(error?.kind == .unknownRef)
        #expect(error?.message.contains("\"\(text)\"") == true)
    }

    @Test(arguments: Reader.allCases)
    func `a tree is not a commit`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("file.txt")
        try await fixture.commit()
        let repository = try await reader.open(fixture)

        #expect(try await errorKind { _ = try await repository.resolve("HEAD^{tree}") } == .unknownRef)
    }

    @Test(arguments: Reader.allCases)
    func `a damaged commit is reported as damaged, not as missing`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        try fixture.damage(object: id.description)
        let repository = try await reader.open(fixture)

        #expect(try await errorKind { _ = try await repository.commit(id) } == .corruptObject)
    }

    @Test(arguments: Reader.allCases)
    func `a commit that is not in this clone is reported as missing`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.commit()
        let repository = try await reader.open(fixture)
        let absent = try #require(CommitID("0123456789abcdef0123456789abcdef01234567"))

        #expect(try await errorKind { _ = try await repository.commit(absent) } == .missingObject)
    }
}

@Suite struct CommitIDTests {
    @Test(arguments: [40, 64])
    func `a commit id is 40 or 64 hex digits, in lower case`(length: Int) {
        let capital = String(repeating: "AB", count: length / 2)
        #expect(CommitID(capital)?.description == capital.lowercased())
        #expect(CommitID(capital)?.abbreviated == "abababababab")
    }

    @Test(arguments: ["", "abc", "main", String(repeating: "g", count: 40), String(repeating: "a", count: 41)])
    func `other text is not a commit id`(text: String) {
        #expect(CommitID(text) == nil)
    }
}

@Suite struct GitReferenceTests {
    @Test func `the repo_ref of a branch is its bare name, of a tag its full name`() {
        #expect(GitReference(fullName: "refs/heads/topic/x")?.repoRef == "topic/x")
        #expect(GitReference(fullName: "refs/tags/v1")?.repoRef == "refs/tags/v1")
        #expect(GitReference(fullName: "refs/remotes/origin/main")?.repoRef == "main")
    }

    @Test(arguments: ["HEAD", "main", "refs/pull/7/merge", "refs/remotes/other/main", "refs/heads/", ""])
    func `other references are neither branch nor tag`(name: String) {
        #expect(GitReference(fullName: name) == nil)
    }
}
