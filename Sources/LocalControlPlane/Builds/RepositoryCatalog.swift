import Clocks
import ControlPlaneTypes
import Crypto
import Foundation
import Git

/// The local repositories that this control plane serves as a GitHub integration.
struct RepositoryCatalog: Sendable {
    let store: Store
    let access: any RepositoryAccess
    /// The id of the only integration.
    let integrationID: String
    let clock: any RunClock

    struct PinnedCommit: Equatable, Sendable {
        var repositoryPath: String
        var commit: String
    }

    /// Adds a repository to the served ones.
    ///
    /// - Returns: the repository's root directory.
    /// - Throws: `GitError` when there is no repository at the path.
    @discardableResult
    func serve(_ path: String) async throws -> String {
        let root = try await access.root(of: path)
        try await store.add(RepositoryRecord(path: root, addedAt: clock.date))
        return root
    }

    func integrations() async throws -> [GithubIntegration] {
        guard try await !store.repositories().isEmpty else { return [] }
        return [GithubIntegration(id: integrationID, installationID: 1, name: "local")]
    }

    func listings() async throws -> [GithubRepository] {
        var listings: [GithubRepository] = []
        for record in try await store.repositories() {
            let url = (await remoteURLs(at: record.path).first ?? RemoteURL(record.path)).https
            let names = url.split(separator: "/").suffix(2).map(String.init)
            // A repository that was moved is still listed.
            let branch = try? await access.defaultBranch(at: record.path)
            listings.append(
                GithubRepository(
                    hostIntegrationID: integrationID, id: Self.number(of: record.path), name: names.last ?? url,
                    owner: names.first ?? "local", url: url, defaultBranch: branch ?? "main"))
        }
        return listings
    }

    /// - Throws: `APIProblem` (400) for another integration.
    func checkIntegration(_ id: String?) async throws {
        guard id == integrationID else {
            throw APIProblem.sourceConfiguration("integration '\(id ?? "")' was not found")
        }
    }

    /// Resolves a ref of a served repository.
    ///
    /// - Throws: `APIProblem` (400) when no served repository has that URL, or the repository has no such ref.
    func pin(ref: String, of url: String) async throws -> PinnedCommit {
        guard let path = try await path(of: url) else {
            throw APIProblem.sourceConfiguration("repository '\(url)' is not served by this control plane")
        }
        guard let commit = try await access.commit(named: ref, at: path) else {
            throw APIProblem.sourceConfiguration(
                "'source_revision_config.repo_ref' '\(ref)' was not found in repository '\(url)'")
        }
        return PinnedCommit(repositoryPath: path, commit: commit)
    }

    private func path(of url: String) async throws -> String? {
        let wanted = RemoteURL(url)
        for record in try await store.repositories() {
            let names = await [RemoteURL(record.path)] + remoteURLs(at: record.path)
            if names.contains(where: wanted.isSameRepository) { return record.path }
        }
        return nil
    }

    /// Empty for a repository that was moved: only its path is known.
    private func remoteURLs(at path: String) async -> [RemoteURL] {
        (try? await access.remoteURLs(at: path)) ?? []
    }

    /// A stable number for a path, in place of GitHub's repository id.
    private static func number(of path: String) -> Int {
        SHA256.hash(data: Data(path.utf8)).prefix(6).reduce(0) { $0 << 8 | Int($1) }
    }
}
