import TestSupport
import Testing

@testable import Git

@Suite struct FilesHashTests {
    private static func hash(_ patterns: [String], _ files: [String: String]) async throws -> String? {
        let fixture = try await GitFixture()
        for (path, text) in files { try fixture.write(path, text) }
        return try FilesHash.of(patterns, in: fixture.path)
    }

    @Test func `the same files give the same hash, other files a different one`() async throws {
        let one = try await Self.hash(["*.lock"], ["a.lock": "1", "b.txt": "x"])
        #expect(one?.count == 40)
        #expect(try await Self.hash(["*.lock"], ["a.lock": "1", "b.txt": "y"]) == one)
        #expect(try await Self.hash(["*.lock"], ["a.lock": "2"]) != one)
        #expect(try await Self.hash(["*.lock"], ["c.lock": "1"]) != one)
    }

    @Test func `patterns match files in folders`() async throws {
        let files = ["a.lock": "1", "sub/b.lock": "2", "sub/deep/c.lock": "3"]
        let all = try await Self.hash(["**/*.lock"], files)
        #expect(all != nil)
        #expect(try await Self.hash(["sub/deep/*.lock"], files) != all)
        #expect(try await Self.hash(["*.lock"], files) != all)
        #expect(try await Self.hash(["./**"], files) == all)
        #expect(try await Self.hash(["a.lock", "sub/**/*.lock"], files) == all)
    }

    @Test func `an unreadable folder is reported with the system's message`() throws {
        let listing = try #require(throws: GitError.self) { try FilesHash.of(["*"], in: "/proc/nothing") }
        #expect(listing.message == "cannot list folder /proc/nothing: No such file or directory")
        let making = try #require(throws: GitError.self) { try Folder.create("/proc/nothing/here") }
        #expect(making.message == "cannot create folder /proc/nothing/here: No such file or directory")
    }

    @Test func `there is no hash without a matching file`() async throws {
        #expect(try await Self.hash(["*.lock"], ["b.txt": "x"]) == nil)
    }
}
