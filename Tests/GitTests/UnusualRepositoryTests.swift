import Foundation
import TestSupport
import Testing

@testable import Git

/// Repositories that libgit2 misreads or cannot open.
@Suite struct UnusualRepositoryTests {
    @Test(arguments: Reader.allCases)
    func `files outside a sparse checkout do not count as deleted`(reader: Reader) async throws {
        let fixture = try await withFolders()
        try await fixture.git("sparse-checkout", "set", "--no-cone", "/one")
        let repository = try await reader.open(fixture)

        #expect(!FileManager.default.fileExists(atPath: "\(fixture.path)/two"))
        #expect(try await repository.workingTreeStatus() == .clean)
        try fixture.write("one/file.txt", "changed")
        #expect(try await repository.workingTreeStatus() == .dirty(paths: ["one/file.txt"], total: 1))
    }

    @Test func `a sparse index is read through git`() async throws {
        let fixture = try await withFolders()
        try await fixture.git("sparse-checkout", "set", "--cone", "--sparse-index", "one")
        let repository = try await Repository.open(fixture)

        #expect(try await repository.workingTreeStatus() == .clean)
        try fixture.write("one/file.txt", "changed")
        #expect(try await repository.workingTreeStatus() == .dirty(paths: ["one/file.txt"], total: 1))
    }

    @Test func `a commit is checked out completely despite a sparse index`() async throws {
        let fixture = try await withFolders()
        try await fixture.git("sparse-checkout", "set", "--cone", "--sparse-index", "one")
        let repository = try await Repository.open(fixture)
        let target = "\(fixture.folder)/out"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)

        try await repository.tree(of: fixture.id(of: "HEAD")).checkOut(into: target)

        #expect(try String(contentsOfFile: "\(target)/two/file.txt", encoding: .utf8) == "two")
        #expect(try await repository.workingTreeStatus() == .clean)
    }

    @Test(arguments: [false, true])
    func `broken gitdir: the git directory that is gone is named`(isMoved: Bool) async throws {
        let fixture = try await withFolders()
        let tree = "\(fixture.folder)/tree"
        try await fixture.git("worktree", "add", "--quiet", tree, "-b", "topic")
        if isMoved { try fixture.remove(".git") } else { try fixture.remove(".git/worktrees/tree") }
        let error = await #expect(throws: GitError.self) {
            try await Repository.open(
                containing: "\(tree)/one", environment: Repository.plainEnvironment)
        }
        #expect(error?.kind == .notARepository)
        #expect(error?.message.contains("\(fixture.path)/.git/worktrees/tree") == true)
    }

    @Test func `a split index is read through git`() async throws {
        let fixture = try await withFolders()
        try await fixture.git("update-index", "--split-index")
        #expect(try await Repository.open(fixture).workingTreeStatus() == .clean)
    }

    @Test func `a configuration per worktree is read through git`() async throws {
        let fixture = try await withFolders()
        try await fixture.git("config", "core.repositoryFormatVersion", "1")
        try await fixture.git("config", "extensions.worktreeConfig", "true")
        let id = try await fixture.id(of: "HEAD")

        let repository = try await Repository.open(fixture)

        #expect(repository.root == fixture.path)
        #expect(try await repository.head() == Head(commit: id, branch: "main"))
        #expect(try await repository.workingTreeStatus() == .clean)
    }

    @Test func `a SHA-256 repository is read through git`() async throws {
        let fixture = try await GitFixture(options: ["--object-format=sha256"])
        try fixture.write("langgraph.json", "{}")
        let id = try await fixture.commit("First")
        try await fixture.git("tag", "v1")
        try await fixture.git("remote", "add", "origin", "git@example.com:acme/agent.git")

        let repository = try await Repository.open(fixture)

        #expect(!repository.isReadThroughLibGit2)
        #expect(id.description.count == 64)
        #expect(try await repository.head() == Head(commit: id, branch: "main", tags: ["v1"]))
        #expect(try await repository.commit(id).subject == "First")
        #expect(try await repository.contains(path: "langgraph.json", in: id))
        #expect(try await repository.remoteURL()?.https == "https://example.com/acme/agent")
        #expect(try await repository.workingTreeStatus() == .clean)
    }

    @Test func `without git a SHA-256 repository is unsupported, with a hint`() async throws {
        let fixture = try await GitFixture(options: ["--object-format=sha256"])
        let error = await #expect(throws: GitError.self) {
            try await Repository.open(fixture, adding: ["PATH": "/nowhere"])
        }
        #expect(error?.kind == .unsupportedRepository)
        #expect(error?.hint?.contains("install git") == true)
    }

    @Test(arguments: Reader.allCases, ["blob:none", "tree:0"])
    func `a partial clone is read without fetching`(reader: Reader, filter: String) async throws {
        let fixture = try await withFolders()
        try await fixture.git("config", "uploadpack.allowFilter", "true")
        let partial = try await fixture.clone(options: ["--no-checkout", "--filter=\(filter)"])
        let id = try await partial.id(of: "HEAD")
        let repository = try await reader.open(partial)

        #expect(try await repository.head() == Head(commit: id, branch: "main"))
        #expect(
            try await repository.pushStatus(of: id, branch: "main") == .pushed(on: "origin/main", isTip: true))
        let kind = try await errorKind { _ = try await repository.readFile("one/file.txt", in: id) }
        #expect(kind == .missingObject)
    }

    private func withFolders() async throws -> GitFixture {
        let fixture = try await GitFixture()
        try fixture.write("one/file.txt", "one")
        try fixture.write("two/file.txt", "two")
        try await fixture.commit()
        return fixture
    }
}
