import FoundationEssentials

/// Answers about history that never take "could not tell" for "no".
struct CommitGraph: Sendable {
    static let shallowReason = "this clone is shallow: fetch the whole history (fetch-depth: 0, or GIT_DEPTH: 0)"

    private let backend: any GitBackend
    /// The commits whose parents a shallow clone left out, from git's own list of them.
    private let boundary: Set<CommitID>

    init(backend: any GitBackend) {
        self.backend = backend
        // No such file in a complete clone.
        let text = try? String(contentsOfFile: backend.layout.commonDirectory + "/shallow", encoding: .utf8)
        boundary = Set((text ?? "").split(separator: "\n").compactMap { CommitID($0) })
    }

    var isShallow: Bool { !boundary.isEmpty }

    /// Whether any of the tips has `commit` in its history.
    func isAncestor(_ commit: CommitID, ofAny tips: [CommitID]) async throws -> Ancestry {
        if tips.contains(commit) { return .yes }
        do {
            guard try await backend.hasCommit(commit) else { return try await isAbsent(from: tips) }
            // Found is found, however short the history is.
            if try await backend.isReachable(commit, fromAny: tips) { return .yes }
            return try await isProvenNoAncestor(commit, of: tips) ? .no : .unknown(reason: Self.shallowReason)
        } catch let error as GitError {
            guard error.kind == .missingObject else { return .unknown(reason: error.message) }
            return try await firstMissing(of: tips) ?? .unknown(reason: isShallow ? Self.shallowReason : error.message)
        }
    }

    /// How many commits `tips` lack; `nil` when an edge of a shallow clone may hide some, or they cannot be counted.
    func countAhead(of tips: [CommitID], _ commit: CommitID) async throws -> Int? {
        do {
            let lacking = try await backend.commits(reachableFrom: [commit], butNotFrom: tips)
            return boundary.isDisjoint(with: lacking) ? lacking.count : nil
        } catch is GitError {
            // That the remote lacks some is known; how many is not worth a failure.
            return nil
        }
    }

    /// A complete history has every ancestor.
    private func isAbsent(from tips: [CommitID]) async throws -> Ancestry {
        if isShallow { return .unknown(reason: Self.shallowReason) }
        return try await firstMissing(of: tips) ?? .no
    }

    /// History has no cycles: whatever lies behind a commit cannot have it as an ancestor.
    private func isProvenNoAncestor(_ commit: CommitID, of tips: [CommitID]) async throws -> Bool {
        guard isShallow else { return true }
        return try await backend.commits(reachableFrom: tips, butNotFrom: [commit]).isEmpty
    }

    private func firstMissing(of commits: [CommitID]) async throws -> Ancestry? {
        for commit in commits where try await !backend.hasCommit(commit) {
            return .unknown(reason: "commit \(commit.abbreviated) is not in this clone")
        }
        return nil
    }
}
