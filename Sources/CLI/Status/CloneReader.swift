import ControlPlaneTypes
import FoundationEssentials
import Git

/// Where the live commit stands, as far as a clone knows.
struct BranchPosition: Sendable {
    /// Commits of the tracked branch that the live one lacks; nil when the clone does not tell.
    var behind: Int?
    /// Whether any branch of the remote has the live commit; nil when the clone does not tell.
    var isOnRemoteBranch: Bool?
    var commit: Commit?
}

/// Compares live commits with the remote-tracking branches of a clone. It uses no network.
struct CloneReader: Sendable {
    private let repository: Repository
    private let remotes: [Remote]
    /// That of deployments whose code was uploaded.
    private let defaultRemote: Remote?
    /// The remote whose branches are known as they are now.
    private let fetched: Remote?
    private var commits: [CommitID: Commit?] = [:]
    private var publications: [Place: Bool?] = [:]
    private var distances: [Place: Int?] = [:]

    private struct Place: Hashable {
        var commit: CommitID
        /// The name of a remote, or the commit of a branch.
        var other: String
    }

    /// Throws `GitError`.
    init(_ repository: Repository, fetched: Remote? = nil) async throws {
        self.repository = repository
        self.fetched = fetched
        remotes = try await repository.remotes()
        defaultRemote = try await repository.defaultRemote()
    }

    /// Whether the control plane fetches this repository for the deployment.
    func isSource(of deployment: Deployment) -> Bool {
        guard let url = deployment.repositoryURL else { return false }
        return isLocal(url) || remote(of: url) != nil
    }

    mutating func position(of overview: DeploymentOverview) async -> BranchPosition {
        var position = BranchPosition()
        guard let live = overview.revisions.live?.commitSHA.flatMap({ CommitID($0) }) else { return position }
        position.commit = await commit(live)
        let deployment = overview.deployment
        let url = deployment.repositoryURL
        // An archive has no URL, but its commit tells where it is from.
        guard url.map({ _ in isSource(of: deployment) }) ?? (position.commit != nil) else { return position }
        let ref = overview.branch
        // A tag is deployed as such, wherever its commit is.
        guard ref?.hasPrefix("refs/tags/") != true else { return position }
        let remote = url.map { isLocal($0) ? nil : self.remote(of: $0) } ?? defaultRemote
        if let ref { position.behind = await distance(from: live, toBranch: ref, of: remote) }
        if let remote { position.isOnRemoteBranch = await isPublished(live, at: remote) }
        return position
    }

    /// - Parameter remote: nil for a branch of this clone.
    private mutating func distance(from live: CommitID, toBranch ref: String, of remote: Remote?) async -> Int? {
        let tip =
            if let remote {
                try? await repository.tip(ofBranch: ref, at: remote)
            } else {
                try? await repository.tip(ofBranch: ref)
            }
        guard let tip else { return nil }
        return await distance(from: live, to: tip)
    }

    private func remote(of url: RemoteURL) -> Remote? { remotes.remote(of: url) }

    /// The local control plane fetches the clone itself.
    private func isLocal(_ url: RemoteURL) -> Bool { url.isSameRepository(as: RemoteURL(repository.root)) }

    private mutating func commit(_ id: CommitID) async -> Commit? {
        if let known = commits[id] { return known }
        let commit = try? await repository.commit(id)
        commits[id] = .some(commit)
        return commit
    }

    private mutating func distance(from live: CommitID, to tip: CommitID) async -> Int? {
        let place = Place(commit: live, other: tip.description)
        if let known = distances[place] { return known }
        let lacking = try? await repository.commits(from: live, to: tip)
        distances[place] = .some(lacking?.count)
        return lacking?.count
    }

    private mutating func isPublished(_ commit: CommitID, at remote: Remote) async -> Bool? {
        let place = Place(commit: commit, other: remote.name)
        if let known = publications[place] { return known }
        let answer = await readPublication(of: commit, at: remote)
        publications[place] = .some(answer)
        return answer
    }

    private func readPublication(of commit: CommitID, at remote: Remote) async -> Bool? {
        switch try? await repository.pushStatus(of: commit, branch: nil, remote: remote.name) {
        case .pushed: return true
        case .notPushed:
            // What this clone lacks may have been pushed since the last fetch.
            let isKnown = remote == fetched || commits[commit].flatMap(\.self) != nil
            return isKnown && remote.tracksAllBranches ? false : nil
        case .noRemoteBranch, .unknown, nil: return nil
        }
    }
}

extension Deployment {
    /// Where the control plane fetches the code.
    var repositoryURL: RemoteURL? {
        sourceConfig?.repoURL.flatMap { $0.isEmpty ? nil : RemoteURL($0) }
    }
}
