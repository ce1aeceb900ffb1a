import FoundationEssentials

/// This answers questions about history, and tells "no" from "unknown".
struct CommitGraph: Sendable {
    static let shallowReason = "shallow clone: fetch the full history (fetch-depth: 0, or GIT_DEPTH: 0)"

    private let backend: any GitBackend
    /// The commits whose parents a shallow clone lacks, as git lists them.
    private let boundary: Set<CommitID>

    init(backend: any GitBackend) {
        self.backend = backend
        // A complete clone has no such file.
        let text = try? String(contentsOfFile: backend.layout.commonDirectory + "/shallow", encoding: .utf8)
        boundary = Set((text ?? "").split(separator: "\n").compactMap { CommitID($0) })
    }

    var isShallow: Bool { !boundary.isEmpty }

    /// Whether any of the tips has `commit` in its history.
    func isAncestor(_ commit: CommitID, ofAny tips: [CommitID]) async throws -> Ancestry {
        if tips.contains(commit) { return .yes }
        do {
            guard try await backend.hasCommit(commit) else { return try await isAbsent(from: tips) }
            // A commit that is found is an answer even in a shallow clone.
            if try await backend.isReachable(commit, fromAny: tips) { return .yes }
            return try await isProvenNoAncestor(commit, of: tips) ? .no : .unknown(reason: Self.shallowReason)
        } catch let error as GitError {
            guard error.kind == .missingObject else { return .unknown(reason: error.message) }
            return try await firstMissing(of: tips) ?? .unknown(reason: isShallow ? Self.shallowReason : error.message)
        }
    }

    /// Counts the commits that `tips` lack; `nil` when a shallow clone may hide some, or they cannot be counted.
    func countAhead(of tips: [CommitID], _ commit: CommitID) async throws -> Int? {
        do {
            let lacking = try await backend.commits(reachableFrom: [commit], butNotFrom: tips)
            return boundary.isDisjoint(with: lacking) ? lacking.count : nil
        } catch is GitError {
            // The answer is already "not pushed"; the count alone is not worth a failure.
            return nil
        }
    }

    /// The commits of `commit` that `base` lacks, as `git log base..commit` lists them; `nil` when this clone may not
    /// have all of them.
    func range(from base: CommitID, to commit: CommitID) async throws -> [CommitID]? {
        guard try await backend.hasCommit(base), try await backend.hasCommit(commit) else { return nil }
        let lacking = try await backend.commits(reachableFrom: [commit], butNotFrom: [base])
        return boundary.isDisjoint(with: lacking) ? lacking : nil
    }

    /// Handles a commit that is not in this clone: in a complete history it cannot be an ancestor.
    private func isAbsent(from tips: [CommitID]) async throws -> Ancestry {
        if isShallow { return .unknown(reason: Self.shallowReason) }
        return try await firstMissing(of: tips) ?? .no
    }

    /// History has no cycles: an ancestor of a commit cannot descend from it.
    private func isProvenNoAncestor(_ commit: CommitID, of tips: [CommitID]) async throws -> Bool {
        guard isShallow else { return true }
        return try await backend.commits(reachableFrom: tips, butNotFrom: [commit]).isEmpty
    }

    private func firstMissing(of commits: [CommitID]) async throws -> Ancestry? {
        for commit in commits where try await !backend.hasCommit(commit) {
            return .unknown(reason: "commit not found in this clone: \(commit.abbreviated)")
        }
        return nil
    }
}

/// This says whether one commit is an ancestor of, or the same as, another.
package enum Ancestry: Equatable, Sendable {
    case yes
    case no
    /// This clone does not have enough history.
    case unknown(reason: String)
}

/// This says whether the remote has a commit, as of the last fetch or push.
package enum PushStatus: Equatable, Sendable {
    /// `isTip` is false when the remote branch has moved past the commit.
    case pushed(on: String, isTip: Bool)
    /// `ahead`: how many commits the remote lacks; `nil` when this clone has too little history to count them.
    case notPushed(ahead: Int?)
    /// The clone has no remote-tracking branch of that name.
    case noRemoteBranch
    case unknown(reason: String)
}

/// This is a remote-tracking branch and its commit as of the last fetch or push.
struct RemoteBranch: Equatable, Sendable {
    /// Includes the remote: `origin/main`.
    let name: String
    let tip: CommitID
}

extension Repository {
    /// Whether this is a shallow clone, as CI makes by default.
    package var isShallow: Bool { graph.isShallow }

    /// Whether `commit` is an ancestor of `other`, or the same. Reads only this clone.
    package func isAncestor(_ commit: CommitID, of other: CommitID) async throws -> Ancestry {
        try await graph.isAncestor(commit, ofAny: [other])
    }

    /// Says whether the remote has the commit on `branch`, or on any branch when that is `nil`.
    ///
    /// Reads the remote-tracking branches and not the network: the answer is as old as the last fetch or push.
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

    /// Finds the branch by bisection: there may be thousands, and each query walks the history.
    private func firstBranch(with commit: CommitID, among branches: [RemoteBranch]) async throws -> String {
        var rest = branches[...]
        while rest.count > 1 {
            let half = rest.prefix(rest.count / 2)
            let isInHalf = try await backend.isReachable(commit, fromAny: half.map(\.tip))
            rest = isInHalf ? half : rest.dropFirst(half.count)
        }
        return rest.first?.name ?? ""
    }

    /// The commits that `git log base..commit` lists; `nil` when this clone may not have all of them.
    package func commits(from base: CommitID, to commit: CommitID) async throws -> [CommitID]? {
        try await graph.range(from: base, to: commit)
    }

    private var graph: CommitGraph { CommitGraph(backend: backend) }
}
