import Foundation
import TestSupport
import Testing

@testable import Git

/// Only root can change the owner of a repository.
@Suite(.enabled(if: geteuid() == 0)) struct OwnershipTests {
    @Test(arguments: Reader.allCases)
    func `a repository of another user is refused with a safe.directory hint`(reader: Reader) async throws {
        let fixture = try await givenAway()
        let error = await #expect(throws: GitError.self) { try await reader.open(fixture, subfolder: "/agents/one") }
        #expect(error?.kind == .dubiousOwnership)
        #expect(error?.hint?.contains("git config --global --add safe.directory \(fixture.path)") == true)
        #expect(error?.hint?.hasSuffix(fixture.path) == true)
    }

    /// libgit2 before 1.6 does not support `*` and refuses; git has the last word.
    /// Runs in a separate process, as libgit2 reads HOME once.
    @Test func `owner: a repository that git trusts by a pattern is opened`() async throws {
        let fixture = try await givenAway()
        let path = fixture.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            try await Trust("*").opening(path) { outcome in precondition(outcome == nil) }
        }
    }

    @Test func `owner: a repository that git trusts by its environment is opened`() async throws {
        let fixture = try await givenAway()
        let id = try await Repository.open(
            fixture,
            adding: [
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": fixture.path,
            ]
        ).head().commit
        #expect(id.description.count == 40)
    }

    @Test func `owner: without git the refusal of libgit2 stands`() async throws {
        let fixture = try await givenAway()
        let error = await #expect(throws: GitError.self) {
            try await Repository.open(fixture, adding: ["PATH": "/nowhere"])
        }
        #expect(error?.kind == .dubiousOwnership)
    }

    @Test func `a repository of another user is opened when its path is trusted`() async throws {
        let fixture = try await givenAway()
        let path = fixture.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            try await Trust(path).opening(path) { outcome in precondition(outcome == nil) }
        }
    }

    @Test func `the missing safe.directory key of libgit2 1.5 is reported as dubious ownership`() {
        let failure = LibGit2Failure(code: -3, area: 7, message: "config value 'safe.directory' was not found")
        #expect(failure.openingError(at: "/work").kind == .dubiousOwnership)
        #expect(
            LibGit2Failure(code: -36, area: 0, message: "not owned").openingError(at: "/work").kind == .dubiousOwnership
        )
    }

    private func givenAway() async throws -> GitFixture {
        let fixture = try await GitFixture()
        try fixture.write("agents/one/langgraph.json")
        try await fixture.commit()
        for path in [fixture.path, "\(fixture.path)/.git"] {
            try FileManager.default.setAttributes(
                [.ownerAccountID: 54321, .groupOwnerAccountID: 54321], ofItemAtPath: path)
        }
        return fixture
    }
}

/// This creates a home folder whose git configuration trusts one directory.
private struct Trust {
    let directory: String

    init(_ directory: String) {
        self.directory = directory
    }

    func opening(_ path: String, _ check: (GitError.Kind?) -> Void) async throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "slipway-home-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        try Data("[safe]\n\tdirectory = \(directory)\n".utf8).write(to: home.appending(path: ".gitconfig"))
        setenv("HOME", home.path, 1)
        check(try await errorKind { _ = try await Repository.open(containing: path) })
    }
}
