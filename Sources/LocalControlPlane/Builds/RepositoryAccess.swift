import Foundation
import Git

/// Reads git repositories on this machine.
protocol RepositoryAccess: Sendable {
    /// The root directory of the repository that contains `path`.
    func root(of path: String) async throws -> String
    func remoteURLs(at path: String) async throws -> [RemoteURL]
    func defaultBranch(at path: String) async throws -> String?
    /// The commit id, in hex, of a branch or `refs/…`; nil when the ref is not found.
    func commit(named ref: String, at path: String) async throws -> String?
    /// Writes exactly the tree of a commit into an empty directory.
    func checkOut(_ commit: String, of path: String, into folder: URL) async throws
}

/// Reads repositories through the Git module.
struct GitRepositoryAccess: RepositoryAccess {
    func root(of path: String) async throws -> String {
        try await Repository.open(containing: path, environment: Self.environment).root
    }

    func remoteURLs(at path: String) async throws -> [RemoteURL] {
        try await open(path).remotes().map(\.url)
    }

    func defaultBranch(at path: String) async throws -> String? {
        try await open(path).head().branch
    }

    func commit(named ref: String, at path: String) async throws -> String? {
        guard Self.isName(ref) else { return nil }
        let repository = try await open(path)
        // A clone in CI may know the branch only from its remote.
        let names = ref.hasPrefix("refs/") ? [ref] : ["refs/heads/\(ref)", "refs/remotes/origin/\(ref)"]
        for name in names {
            do {
                return try await repository.resolve(name).description
            } catch let error as GitError where error.kind == .unknownRef {
                continue
            }
        }
        return nil
    }

    func checkOut(_ commit: String, of path: String, into folder: URL) async throws {
        guard let id = CommitID(commit) else {
            throw ServerError(.checkOutFailed, "invalid commit id '\(commit)'")
        }
        try await open(path).tree(of: id).checkOut(into: folder.path(percentEncoded: false))
    }

    private func open(_ path: String) async throws -> Repository {
        try await Repository.open(containing: path, environment: Self.environment)
    }

    /// Accepts only ref names (git-check-ref-format(1)), not git's other revision syntax.
    private static func isName(_ ref: String) -> Bool {
        !ref.isEmpty && !ref.contains("..") && !ref.contains("@{")
            && !ref.contains { " ~^:?*[\\".contains($0) || $0.isNewline }
    }

    /// Without GIT_DIR and the like, which would select another repository, but with the configuration that may name
    /// those to trust.
    private static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("GIT_") || name.hasPrefix("GIT_CONFIG")
        }
    }
}
