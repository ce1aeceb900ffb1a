import TestSupport
import Testing

@testable import Git

@Suite struct FilesHashTests {
    private static func hash(_ patterns: [String], _ files: [String: String]) async throws -> String? {
        let fixture = try await GitFixture()
        for (path, text) in files { try fixture.write(path, text) }
        return try FilesHash.of(patterns, in: fixture.path)
    }

    @Test func `the same files give the same hash, others another`() async throws {
        let one = try await Self.hash(["*.lock"], ["a.lock": "1", "b.txt": "x"])
        #expect(one?.count == 40)
        #expect(try await Self.hash(["*.lock"], ["a.lock": "1", "b.txt": "y"]) == one)
        #expect(try await Self.hash(["*.lock"], ["a.lock": "2"]) != one)
        #expect(try await Self.hash(["*.lock"], ["c.lock": "1"]) != one)
    }

    @Test func `patterns reach into folders`() async throws {
        let files = ["a.lock": "1", "sub/b.lock": "2", "sub/deep/c.lock": "3"]
        let all = try await Self.hash(["**/*.lock"], files)
        #expect(all != nil)
        #expect(try await Self.hash(["sub/deep/*.lock"], files) != all)
        #expect(try await Self.hash(["*.lock"], files) != all)
        #expect(try await Self.hash(["./**"], files) == all)
        #expect(try await Self.hash(["a.lock", "sub/**/*.lock"], files) == all)
    }

    @Test func `a folder that cannot be read or made is told in the system's words`() throws {
        let listing = try #require(throws: GitError.self) { try FilesHash.of(["*"], in: "/proc/nothing") }
        #expect(listing.message == "the folder /proc/nothing cannot be listed: No such file or directory")
        let making = try #require(throws: GitError.self) { try Folder.make("/proc/nothing/here") }
        #expect(making.message == "cannot make the folder /proc/nothing/here: No such file or directory")
    }

    @Test func `no file that matches is no hash`() async throws {
        #expect(try await Self.hash(["*.lock"], ["b.txt": "x"]) == nil)
    }
}
