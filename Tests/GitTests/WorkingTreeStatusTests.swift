import TestSupport
import Testing

@testable import Git

@Suite struct WorkingTreeStatusTests {
    @Test(arguments: Reader.allCases)
    func `is clean after a commit, despite ignored files`(reader: Reader) async throws {
        let fixture = try await committed()
        try fixture.write("build/output.log", "ignored")
        #expect(try await reader.open(fixture).workingTreeStatus() == .clean)
    }

    @Test(arguments: Reader.allCases)
    func `a changed file is dirty`(reader: Reader) async throws {
        let fixture = try await committed()
        try fixture.write("agent.py", "changed")
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["agent.py"], total: 1))
    }

    @Test(arguments: Reader.allCases)
    func `a staged change is dirty`(reader: Reader) async throws {
        let fixture = try await committed()
        try fixture.write("staged.py")
        try await fixture.git("add", "staged.py")
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["staged.py"], total: 1))
    }

    @Test(arguments: Reader.allCases)
    func `an untracked file is dirty, and an untracked folder counts once`(reader: Reader) async throws {
        let fixture = try await committed()
        try fixture.write("new/one.py")
        try fixture.write("new/two.py")
        try fixture.write("übrig.txt")
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["new/", "übrig.txt"], total: 2))
    }

    @Test(arguments: Reader.allCases)
    func `a deleted file is dirty`(reader: Reader) async throws {
        let fixture = try await committed()
        try fixture.remove("agent.py")
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["agent.py"], total: 1))
    }

    @Test(arguments: Reader.allCases)
    func `a file that became executable is dirty`(reader: Reader) async throws {
        let fixture = try await committed()
        try fixture.write("agent.py", "original", executable: true)
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["agent.py"], total: 1))
    }

    @Test(arguments: Reader.allCases)
    func `a merge conflict is dirty`(reader: Reader) async throws {
        let fixture = try await committed()
        try await fixture.git("checkout", "--quiet", "-b", "other")
        try fixture.write("agent.py", "theirs")
        try await fixture.commit()
        try await fixture.git("checkout", "--quiet", "main")
        try fixture.write("agent.py", "ours")
        try await fixture.commit()
        await #expect(throws: GitFixtureError.self) { try await fixture.git("merge", "other") }
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["agent.py"], total: 1))
    }

    @Test(arguments: Reader.allCases, ["tracked.txt", "untracked.txt"])
    func `a dirty submodule is dirty`(reader: Reader, file: String) async throws {
        let fixture = try await withSubmodule()
        #expect(try await reader.open(fixture).workingTreeStatus() == .clean)
        try fixture.write("inner/\(file)", "changed")
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["inner"], total: 1))
    }

    @Test(arguments: Reader.allCases)
    func `a dirty submodule that is configured to be ignored is clean`(reader: Reader) async throws {
        let fixture = try await withSubmodule()
        try await fixture.git("config", "--file", ".gitmodules", "submodule.inner.ignore", "dirty")
        try await fixture.commit()
        try fixture.write("inner/tracked.txt", "changed")
        #expect(try await reader.open(fixture).workingTreeStatus() == .clean)
    }

    @Test(arguments: Reader.allCases)
    func `a submodule at another commit is dirty`(reader: Reader) async throws {
        let fixture = try await withSubmodule()
        try await fixture.fixture(at: "\(fixture.path)/inner").commit("Inside")
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: ["inner"], total: 1))
    }

    @Test(arguments: Reader.allCases)
    func `only the first paths are listed, in order`(reader: Reader) async throws {
        let fixture = try await committed()
        for number in 10..<40 { try fixture.write("file\(number).txt") }
        let expected = (10..<30).map { "file\($0).txt" }
        #expect(try await reader.open(fixture).workingTreeStatus() == .dirty(paths: expected, total: 30))
    }

    @Test func `a touched but unchanged file is clean`() async throws {
        let fixture = try await committed()
        try fixture.write("agent.py", "original")
        #expect(try await Repository.open(fixture).workingTreeStatus() == .clean)
    }

    @Test(arguments: Reader.allCases)
    func `clean filter: what git's filters make equal is clean`(reader: Reader) async throws {
        let fixture = try await committed()
        try await fixture.git("config", "filter.up.clean", "tr a-z A-Z")
        try await fixture.git("config", "filter.up.smudge", "tr A-Z a-z")
        try fixture.write(".gitattributes", "*.txt filter=up\n")
        try fixture.write("x.txt", "hello\n")
        try await fixture.commit()
        // Written again, as a touch does.
        try fixture.remove("x.txt")
        try fixture.write("x.txt", "hello\n")
        let repository = try await reader.open(fixture)
        #expect(try await repository.workingTreeStatus() == .clean)
        try fixture.write("x.txt", "other\n")
        #expect(try await repository.workingTreeStatus() == .dirty(paths: ["x.txt"], total: 1))
    }

    @Test func `without git a change that libgit2 finds counts`() async throws {
        let fixture = try await committed()
        try fixture.write("agent.py", "changed")
        let repository = try await Repository.open(fixture, adding: ["PATH": "/nowhere"])
        #expect(try await repository.workingTreeStatus() == .dirty(paths: ["agent.py"], total: 1))
    }

    @Test(arguments: Reader.allCases)
    func `an unreadable index is unknown, not clean`(reader: Reader) async throws {
        let fixture = try await committed()
        let repository = try await reader.open(fixture)
        try fixture.write(".git/index", "not an index")
        guard case .unknown(let reason) = try await repository.workingTreeStatus() else {
            Issue.record("an unreadable index gave an answer")
            return
        }
        #expect(reason.contains("index"))
    }

    @Test func `reading the status does not change the index`() async throws {
        let fixture = try await committed()
        try fixture.write("agent.py", "original")
        let before = try fixture.bytes(of: ".git/index")
        for reader in Reader.allCases { _ = try await reader.open(fixture).workingTreeStatus() }
        #expect(try fixture.bytes(of: ".git/index") == before)
    }

    private func committed() async throws -> GitFixture {
        let fixture = try await GitFixture()
        try fixture.write("agent.py", "original")
        try fixture.write(".gitignore", "build/\n")
        try await fixture.commit()
        return fixture
    }

    private func withSubmodule() async throws -> GitFixture {
        let fixture = try await GitFixture()
        try await fixture.git("init", "--quiet", "--initial-branch=main", "inner")
        let inner = await fixture.fixture(at: "\(fixture.path)/inner")
        try inner.write("tracked.txt", "original")
        try await inner.commit()
        try await fixture.git("submodule", "--quiet", "add", "./inner")
        try await fixture.commit()
        return fixture
    }
}

@Suite struct PorcelainStatusTests {
    @Test func `parses the path of every type of line, including spaces`() {
        let text = [
            "# branch.head main",
            "1 .M N... 100644 100644 100644 \(id) \(id) with space.txt",
            "u UU N... 100644 100644 100644 100644 \(id) \(id) \(id) conflict.txt",
            "? new folder/",
            "! ignored.txt",
        ].map { $0 + "\0" }.joined()
        let status = PorcelainStatus(GitOutput(exitCode: 0, bytes: Array(text.utf8), errorText: ""))
        #expect(status.changedPaths == ["with space.txt", "conflict.txt", "new folder/"])
    }

    @Test func `empty output has no paths`() {
        #expect(PorcelainStatus(GitOutput(exitCode: 0, bytes: [], errorText: "")).changedPaths.isEmpty)
    }

    private let id = String(repeating: "0", count: 40)
}
