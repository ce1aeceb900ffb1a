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
