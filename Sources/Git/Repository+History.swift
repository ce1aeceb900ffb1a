extension Repository {
    /// Whether history was cut off when this repository was cloned, as CI does by default.
    package var isShallow: Bool { graph.isShallow }

    /// Whether `commit` is an ancestor of `other`, or the same. Looks only at what is in this clone.
    package func isAncestor(_ commit: CommitID, of other: CommitID) async throws -> Ancestry {
        try await graph.isAncestor(commit, ofAny: [other])
    }

    /// Whether the remote has the commit on `branch`, or on any branch when that is `nil`.
    ///
    /// Asks the remote-tracking branches, not the network: the answer is as old as the last fetch or push.
    package func pushStatus(
        of commit: CommitID, branch: String?, remote: String = "origin"
    ) async throws -> PushStatus {
        let known = try await backend.remoteBranches(of: remote)
        let candidates = known.filter { branch == nil || $0.name == "\(remote)/\(branch ?? "")" }
        guard !candidates.isEmpty else { return .noRemoteBranch }
        if let tip = candidates.first(where: { $0.tip == commit }) { return .pushed(on: tip.name, isTip: true) }
        let tips = candidates.map(\.tip)
        switch try await graph.isAncestor(commit, ofAny: tips) {
        case .yes: return .pushed(on: try await firstBranch(with: commit, among: candidates), isTip: false)
        case .no: return try await notPushed(commit, tips: tips)
        case .unknown(let reason): return .unknown(reason: reason)
        }
    }

    private func notPushed(_ commit: CommitID, tips: [CommitID]) async throws -> PushStatus {
        guard try await backend.hasCommit(commit) else { return .notPushed(ahead: nil) }
        return .notPushed(ahead: try await graph.countAhead(of: tips, commit))
    }

    /// Halves the branches until one is left: there may be thousands, and each question walks the history.
    private func firstBranch(with commit: CommitID, among branches: [RemoteBranch]) async throws -> String {
        var rest = branches[...]
        while rest.count > 1 {
            let half = rest.prefix(rest.count / 2)
            let isInHalf = try await backend.isReachable(commit, fromAny: half.map(\.tip))
            rest = isInHalf ? half : rest.dropFirst(half.count)
        }
        return rest.first?.name ?? ""
    }

    private var graph: CommitGraph { CommitGraph(backend: backend) }
}
