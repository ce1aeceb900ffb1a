import Foundation
import TestSupport
import Testing

@testable import Git

/// This is one of the two backends that must give the same answers.
enum Reader: String, CaseIterable, CustomTestStringConvertible {
    case libgit2
    case git

    var testDescription: String { rawValue }

    func open(_ fixture: GitFixture, subfolder: String = "") async throws -> Repository {
        switch self {
        case .libgit2:
            try await Repository.open(fixture, subfolder: subfolder)
        case .git:
            try await Repository.openThroughGit(fixture, subfolder: subfolder)
        }
    }
}

extension Repository {
    /// The environment of this process without git variables and configuration.
    static var plainEnvironment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        return environment
    }

    static func open(
        _ fixture: GitFixture, subfolder: String = "", adding extra: [String: String] = [:]
    ) async throws -> Repository {
        try await open(
            containing: fixture.path + subfolder, environment: plainEnvironment.merging(extra) { _, new in new })
    }

    static func openThroughGit(_ fixture: GitFixture, subfolder: String = "") async throws -> Repository {
        let command = GitCommand(
            folder: fixture.path + subfolder, environment: GitEnvironment(inheriting: plainEnvironment))
        return Repository(backend: try await GitCommandBackend(opening: command), command: command)
    }

    var isReadThroughLibGit2: Bool { backend is LibGit2Backend }
}

/// Returns the kind of the `GitError` that `body` throws; `nil` when it throws nothing.
func errorKind(_ body: () async throws -> Void) async throws -> GitError.Kind? {
    do {
        try await body()
        return nil
    } catch let error as GitError {
        return error.kind
    }
}

extension GitFixture {
    static let manyKindsFileCount = 12

    /// Creates a commit with every kind of entry and name that an archive may contain.
    static func withManyKindsOfEntries() async throws -> GitFixture {
        let fixture = try await GitFixture()
        try fixture.write("agent.py", "original")
        try fixture.write("empty.txt")
        try fixture.write("script.sh", "#!/bin/sh\n", executable: true)
        try fixture.write("übung/日本語.txt", "Grüße")
        try fixture.write("exactly-one-block.bin", bytes: [UInt8](repeating: 7, count: 512))
        try fixture.write("several-chunks.bin", bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        try fixture.write("a/\(String(repeating: "b", count: 98))", "100 bytes")
        try fixture.write("a/\(String(repeating: "b", count: 99))", "101 bytes")
        try fixture.write(deepPath, "beyond 255 bytes")
        try fixture.link("links/inside", to: "../agent.py")
        try fixture.link("links/unicode", to: "../übung/日本語.txt")
        try fixture.link("links/long", to: "../\(deepPath)")
        try await fixture.commit()
        return fixture
    }

    private static var deepPath: String {
        (0..<6).map { "folder\($0)-\(String(repeating: "x", count: 50))" }.joined(separator: "/") + "/file.txt"
    }
}

extension GitFixture {
    /// Overwrites the middle of a loose object.
    nonisolated func damage(object id: String) throws {
        let file = URL(filePath: "\(path)/.git/objects/\(id.prefix(2))/\(id.dropFirst(2))")
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange(
            bytes.count / 2..<bytes.count, with: Data(repeating: 0xFF, count: bytes.count - bytes.count / 2))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        try bytes.write(to: file)
    }

    nonisolated func bytes(of name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
    }
}
