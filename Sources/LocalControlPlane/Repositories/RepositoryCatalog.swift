import Clocks
import ControlPlaneTypes
import Crypto
import Foundation

/// The repositories that this plane serves as if they were on GitHub.
struct RepositoryCatalog: Sendable {
    let store: Store
    let access: any RepositoryAccess
    /// The one integration that the plane answers.
    let integrationID: String
    let clock: any RunClock

    struct PinnedCommit: Equatable, Sendable {
        var repositoryPath: String
        var commit: String
    }

    /// - Returns: the top folder of the repository.
    /// - Throws: the access's error when there is no repository at the path.
    @discardableResult
    func serve(_ path: String) async throws -> String {
        let root = try access.root(of: path)
        try await store.add(RepositoryRecord(path: root, addedAt: clock.date))
        return root
    }

    func integrations() async throws -> [GithubIntegration] {
        guard try await !store.repositories().isEmpty else { return [] }
        return [GithubIntegration(id: integrationID, installationID: 1, name: "local")]
    }

    func listings() async throws -> [GithubRepository] {
        try await store.repositories().map { record in
            let remotes = (try? access.remoteURLs(at: record.path)) ?? []  // a moved repository is listed by its path
            let address = RepositoryAddress(remotes.first ?? record.path)
            let (owner, name) = address.ownerAndName
            return GithubRepository(
                hostIntegrationID: integrationID, id: Self.number(of: record.path), name: name, owner: owner,
                url: address.isLocal ? "file://\(address.canonical)" : "https://\(address.canonical)",
                defaultBranch: (try? access.defaultBranch(at: record.path)) ?? "main")
        }
    }

    /// - Throws: `APIProblem` (400) when the integration is not this plane's.
    func checkIntegration(_ id: String?) async throws {
        guard id == integrationID else {
            throw APIProblem.sourceConfiguration("integration '\(id ?? "")' was not found")
        }
    }

    /// - Throws: `APIProblem` (400) when no served repository has that URL, or the repository has no such ref.
    func pin(ref: String, of url: String) async throws -> PinnedCommit {
        guard let path = try await path(of: url) else {
            throw APIProblem.sourceConfiguration("repository '\(url)' is not served by this control plane")
        }
        guard let commit = try access.commit(named: ref, at: path) else {
            throw APIProblem.sourceConfiguration(
                "'source_revision_config.repo_ref' '\(ref)' was not found in repository '\(url)'")
        }
        return PinnedCommit(repositoryPath: path, commit: commit)
    }

    private func path(of url: String) async throws -> String? {
        let wanted = RepositoryAddress(url)
        return try await store.repositories().map(\.path).first { path in
            let remotes = (try? access.remoteURLs(at: path)) ?? []  // its path still names it
            return ([path] + remotes).contains { RepositoryAddress($0) == wanted }
        }
    }

    /// A number that stays the same for a path, as GitHub's repository ids do.
    private static func number(of path: String) -> Int {
        SHA256.hash(data: Data(path.utf8)).prefix(6).reduce(0) { $0 << 8 | Int($1) }
    }
}
