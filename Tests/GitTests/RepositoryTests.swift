import Foundation
import TestSupport
import Testing

@testable import Git

@Suite struct RepositoryTests {
    @Test(arguments: Reader.allCases)
    func `the commit at HEAD has an id, an author, a subject and a date`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit("Add the graph\nof agents\n\nWith a body.")

        let repository = try await reader.open(fixture)
        let commit = try await repository.commit(id)

        #expect(try await repository.head() == Head(commit: id, branch: "main"))
        #expect(commit.id == id)
        #expect(commit.authorName == "Ada Example")
        #expect(commit.authorEmail == "ada@example.com")
        #expect(commit.subject == "Add the graph of agents")
        #expect(commit.committedAt == Date(timeIntervalSince1970: 1_700_000_060))
    }

    @Test func `the same steps give the same commit id`() async throws {
        let fixture = try await GitFixture()
        try fixture.write("langgraph.json", "{}")
        #expect(try await fixture.commit("First").description == "50e5335929f5501b10a48e6e19671bfe0a7c7cbb")
    }

    @Test(arguments: Reader.allCases)
    func `is found from a folder inside`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("agents/one/langgraph.json", "{}")
        try await fixture.commit()

        let repository = try await reader.open(fixture, subfolder: "/agents/one")

        #expect(repository.root == fixture.path)
        #expect(!repository.isBare)
        #expect(try await repository.workingTreeStatus() == .clean)
        try fixture.write("agents/two.txt")
        #expect(try await repository.workingTreeStatus() == .dirty(paths: ["agents/two.txt"], total: 1))
        let head = try await repository.head().commit
        #expect(try await repository.contains(path: "agents/one/langgraph.json", in: head))
    }

    @Test(arguments: Reader.allCases)
    func `a linked worktree has its own HEAD and the branches of all`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let first = try await fixture.commit()
        try await fixture.git("worktree", "add", "--quiet", "-b", "other", "\(fixture.folder)/linked")
        let linked = await fixture.fixture(at: "\(fixture.folder)/linked")
        try linked.write("new.txt")
        let second = try await linked.commit()

        let repository = try await reader.open(linked)

        #expect(repository.root == linked.path)
        #expect(try await repository.head() == Head(commit: second, branch: "other"))
        #expect(try await repository.resolve("main") == first)
        #expect(!repository.isShallow)
    }

    @Test(arguments: Reader.allCases)
    func `a bare repository has commits, and no work tree that could be dirty`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("langgraph.json", "{}")
        let id = try await fixture.commit()
        let bare = try await fixture.clone(options: ["--bare"])

        let repository = try await reader.open(bare)

        #expect(repository.isBare)
        #expect(repository.root == bare.path)
        #expect(try await repository.head().commit == id)
        #expect(try await repository.workingTreeStatus() == .clean)
        #expect(try await repository.contains(path: "langgraph.json", in: id))
    }

    @Test(arguments: Reader.allCases)
    func `a submodule is a repository of its own`(reader: Reader) async throws {
        let inner = try await GitFixture()
        let id = try await inner.commit()
        let outer = try await GitFixture()
        try await outer.git("submodule", "--quiet", "add", inner.path, "inner")
        try await outer.commit()

        let repository = try await reader.open(outer, subfolder: "/inner")

        #expect(repository.root == "\(outer.path)/inner")
        #expect(try await repository.head().commit == id)
    }

    @Test func `GIT_DIR and GIT_WORK_TREE decide, as for git`() async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        let elsewhere = try await GitFixture()

        let repository = try await Repository.open(
            elsewhere, adding: ["GIT_DIR": "\(fixture.path)/.git", "GIT_WORK_TREE": fixture.path])

        #expect(repository.root == fixture.path)
        #expect(try await repository.head().commit == id)
    }

    @Test func `with GIT_DIR alone the folder itself is the work tree`() async throws {
        let fixture = try await GitFixture()
        try fixture.write("tracked.txt")
        try await fixture.commit()
        let empty = "\(fixture.folder)/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)

        let repository = try await Repository.open(
            containing: empty,
            environment: Repository.plainEnvironment.merging(["GIT_DIR": "\(fixture.path)/.git"]) { $1 })

        #expect(repository.root == empty)
        #expect(try await repository.workingTreeStatus() == .dirty(paths: ["tracked.txt"], total: 1))
    }

    @Test func `a folder outside of any repository is an error that names it`() async throws {
        let folder = FileManager.default.temporaryDirectory.path
        let error = await #expect(throws: GitError.self) {
            try await Repository.open(containing: folder, environment: Repository.plainEnvironment)
        }
        #expect(error?.kind == .notARepository)
        #expect(error?.message.contains(folder) == true)
        #expect(error?.hint?.contains("inside the repository") == true)
    }

    @Test func `a folder that does not exist is not a repository`() async throws {
        let kind = try await errorKind { _ = try await Repository.open(containing: "/nowhere/at/all") }
        #expect(kind == .notARepository)
    }
}
