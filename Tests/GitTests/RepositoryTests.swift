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
    func `is found from a subfolder`(reader: Reader) async throws {
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
    func `a linked worktree has its own HEAD and the shared branches`(reader: Reader) async throws {
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
    func `a bare repository has commits and is always clean`(reader: Reader) async throws {
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
    func `a submodule is a separate repository`(reader: Reader) async throws {
        let inner = try await GitFixture()
        let id = try await inner.commit()
        let outer = try await GitFixture()
        try await outer.git("submodule", "--quiet", "add", inner.path, "inner")
        try await outer.commit()

        let repository = try await reader.open(outer, subfolder: "/inner")

        #expect(repository.root == "\(outer.path)/inner")
        #expect(try await repository.head().commit == id)
    }

    @Test func `GIT_DIR and GIT_WORK_TREE take precedence, as for git`() async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        let elsewhere = try await GitFixture()

        let repository = try await Repository.open(
            elsewhere, adding: ["GIT_DIR": "\(fixture.path)/.git", "GIT_WORK_TREE": fixture.path])

        #expect(repository.root == fixture.path)
        #expect(try await repository.head().commit == id)
    }

    @Test func `with GIT_DIR alone the folder itself is the working tree`() async throws {
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

    @Test func `the error for a folder outside any repository names it`() async throws {
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

@Suite struct RepositoryFileTests {
    @Test(arguments: Reader.allCases)
    func `a file is read from the commit, not from the working tree`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("agents/one/langgraph.json", "{}")
        let id = try await fixture.commit()
        try fixture.remove("agents/one/langgraph.json")
        try fixture.write("langgraph.json")
        let repository = try await reader.open(fixture)

        #expect(try await repository.contains(path: "agents/one/langgraph.json", in: id))
        #expect(try await repository.contains(path: "./agents//one/langgraph.json", in: id))
        #expect(try await !repository.contains(path: "langgraph.json", in: id))
        #expect(try await repository.readFile("agents/one/langgraph.json", in: id) == Array("{}".utf8))
    }

    @Test(arguments: Reader.allCases, ["agents", "agents/", "", ".", "../x", "/agents/file", "agents/file/more", "*"])
    func `folders, paths outside and patterns are not files`(reader: Reader, path: String) async throws {
        let fixture = try await GitFixture()
        try fixture.write("agents/file")
        let id = try await fixture.commit()
        let repository = try await reader.open(fixture)

        #expect(try await !repository.contains(path: path, in: id))
        let error = await #expect(throws: GitError.self) { try await repository.readFile(path, in: id) }
        #expect(error?.kind == .pathNotInCommit)
        #expect(error?.hint?.contains("--config") == true)
    }

    @Test(arguments: Reader.allCases)
    func `linked config: links inside the tree are followed`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("conf/v2/langgraph.json", "{}")
        try fixture.link("conf/current", to: "v2")
        try fixture.link("langgraph.json", to: "conf/current/langgraph.json")
        try fixture.link("outside.json", to: "../langgraph.json")
        try fixture.link("missing.json", to: "nothing")
        let id = try await fixture.commit()
        let repository = try await reader.open(fixture)

        #expect(try await repository.readFile("langgraph.json", in: id) == Array("{}".utf8))
        #expect(try await repository.contains(path: "conf/current/langgraph.json", in: id))
        #expect(try await !repository.contains(path: "outside.json", in: id))
        #expect(try await !repository.contains(path: "missing.json", in: id))
        #expect(try await !repository.contains(path: "conf/current", in: id))
    }

    @Test(arguments: [
        ("a//langgraph.json", "a/langgraph.json"), ("./langgraph.json", "langgraph.json"), ("a/./b/", "a/b"),
        ("/a//b", "/a/b"), ("a/../b", "a/../b"), ("", ""),
    ])
    func `spelling: a path has one spelling`(text: String, normalized: String) {
        #expect(TreePath.normalized(text) == normalized)
    }

    @Test(arguments: Reader.allCases)
    func `a file above the limit is refused before it is read`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("large.txt", "0123456789")
        let id = try await fixture.commit()
        let repository = try await reader.open(fixture)

        #expect(try await repository.readFile("large.txt", in: id, limit: 10).count == 10)
        let error = await #expect(throws: GitError.self) {
            try await repository.readFile("large.txt", in: id, limit: 9)
        }
        #expect(error?.message == "file too large: large.txt (10 bytes, limit 9)")
    }

    @Test(arguments: Reader.allCases)
    func `the URL of a remote is the configured one, without user and password`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "https://user:secret@example.com/acme/agent.git")
        try await fixture.git("config", "url./elsewhere/.insteadOf", "https://user:secret@example.com/")
        let repository = try await reader.open(fixture)

        #expect(try await repository.remoteURL()?.https == "https://example.com/acme/agent")
        #expect(try await repository.remotes().map(\.name) == ["origin"])
    }

    @Test(arguments: Reader.allCases)
    func `a relative remote URL is resolved against the repository`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "../other.git")
        #expect(try await reader.open(fixture).remoteURL()?.https == "file://\(fixture.folder)/other.git")
    }
}
