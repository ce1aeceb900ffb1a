import Foundation
import TestSupport
import Testing

@testable import Git

/// The two ways to read a repository, which have to give the same answers.
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
    /// The machine's environment without what it says about git.
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

/// The kind of the `GitError` that `body` throws; `nil` when it throws none.
func errorKind(_ body: () async throws -> Void) async throws -> GitError.Kind? {
    do {
        try await body()
        return nil
    } catch let error as GitError {
        return error.kind
    }
}
