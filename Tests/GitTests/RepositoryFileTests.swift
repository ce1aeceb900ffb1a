import TestSupport
import Testing

@testable import Git

@Suite struct RepositoryFileTests {
    @Test(arguments: Reader.allCases)
    func `a file is looked for in the commit, not in the work tree`(reader: Reader) async throws {
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
    func `folders, paths outside and patterns are no files`(reader: Reader, path: String) async throws {
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
    func `a file above the limit is refused before it is read`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("large.txt", "0123456789")
        let id = try await fixture.commit()
        let repository = try await reader.open(fixture)

        #expect(try await repository.readFile("large.txt", in: id, limit: 10).count == 10)
        let error = await #expect(throws: GitError.self) {
            try await repository.readFile("large.txt", in: id, limit: 9)
        }
        #expect(error?.message == "large.txt has 10 bytes; at most 9 are read")
    }

    @Test(arguments: Reader.allCases)
    func `the address of a remote is the configured one, without user and password`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "https://user:secret@example.com/acme/agent.git")
        try await fixture.git("config", "url./elsewhere/.insteadOf", "https://user:secret@example.com/")
        let repository = try await reader.open(fixture)

        #expect(try await repository.remoteURL()?.https == "https://example.com/acme/agent")
        #expect(try await repository.remoteURL(named: "upstream") == nil)
    }

    @Test(arguments: Reader.allCases)
    func `a relative remote counts from the repository`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try await fixture.git("remote", "add", "origin", "../other.git")
        #expect(try await reader.open(fixture).remoteURL()?.https == "file://\(fixture.folder)/other.git")
    }
}
