import Foundation
import Git

@testable import LocalControlPlane

/// One repository at `/srv/agent` whose refs a test sets.
final class FakeRepositories: RepositoryAccess, @unchecked Sendable {
    static let path = "/srv/agent"
    static let first = String(repeating: "a", count: 40)
    static let second = String(repeating: "b", count: 40)

    private let lock = NSLock()
    private var refs = ["main": first]

    func set(_ ref: String, to commit: String) { lock.withLock { refs[ref] = commit } }

    func root(of path: String) async throws -> String {
        guard path.hasPrefix(Self.path) else {
            throw GitError(.notARepository, "\(path) is not inside a git repository")
        }
        return Self.path
    }

    func remoteURLs(at path: String) async throws -> [RemoteURL] { [RemoteURL("git@github.com:acme/agent.git")] }
    func defaultBranch(at path: String) async throws -> String? { "main" }
    func commit(named ref: String, at path: String) async throws -> String? { lock.withLock { refs[ref] } }

    func checkOut(_ commit: String, of path: String, into folder: URL) async throws {
        try Data(commit.utf8).write(to: folder.appending(path: "commit"))
    }
}
