import Foundation
import Git

/// What the control plane needs of a git repository on this machine.
protocol RepositoryAccess: Sendable {
    /// The top folder of the repository that `path` lies in.
    func root(of path: String) async throws -> String
    func remoteURLs(at path: String) async throws -> [RemoteURL]
    func defaultBranch(at path: String) async throws -> String?
    /// The commit that a branch or `refs/…` names, in hex; nil when there is no such ref.
    func commit(named ref: String, at path: String) async throws -> String?
    /// Writes the tree of a commit, and nothing else, into an empty folder.
    func checkOut(_ commit: String, of path: String, into folder: URL) async throws
}

/// Repositories as the Git module reads them.
struct GitRepositoryAccess: RepositoryAccess {
    private static let remoteNames = ["origin", "upstream"]

    func root(of path: String) async throws -> String {
        try await Repository.open(containing: path, environment: Self.environment).root
    }

    func remoteURLs(at path: String) async throws -> [RemoteURL] {
        let repository = try await open(path)
        var urls: [RemoteURL] = []
        for name in Self.remoteNames {
            if let url = try await repository.remoteURL(named: name) { urls.append(url) }
        }
        return urls
    }

    func defaultBranch(at path: String) async throws -> String? {
        try await open(path).head().branch
    }

    func commit(named ref: String, at path: String) async throws -> String? {
        guard Self.isName(ref) else { return nil }
        let repository = try await open(path)
        // In a clone of a CI run the branch may be known from its remote only.
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
            throw ServerError(.checkOutFailed, "'\(commit)' is no commit id")
        }
        try await open(path).tree(of: id).checkOut(into: folder.path(percentEncoded: false))
    }

    private func open(_ path: String) async throws -> Repository {
        try await Repository.open(containing: path, environment: Self.environment)
    }

    /// Only the name of a ref, as git-check-ref-format(1) has it: none of git's ways to write other revisions.
    private static func isName(_ ref: String) -> Bool {
        !ref.isEmpty && !ref.contains("..") && !ref.contains("@{")
            && !ref.contains { " ~^:?*[\\".contains($0) || $0.isNewline }
    }

    /// The repository that is asked for, whatever GIT_DIR says to this process.
    private static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
    }
}
