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
        guard let first = try await firstMissing(of: tips) else {
            return try await isAncestor(commit, ofKnown: tips)
        }
        return .unknown(reason: "commit \(first.abbreviated) is not in this clone")
    }

    /// How many commits `tips` lack; `nil` when an edge of a shallow clone may hide some.
    func countAhead(of tips: [CommitID], _ commit: CommitID) async throws -> Int? {
        let missing = try await backend.commits(reachableFrom: commit, butNotFrom: tips)
        return boundary.isDisjoint(with: missing) ? missing.count : nil
    }

    private func isAncestor(_ commit: CommitID, ofKnown tips: [CommitID]) async throws -> Ancestry {
        do {
            if !isShallow, try await !backend.hasCommit(commit) { return .no }
            // Found is found, however short the history is.
            if try await backend.isReachable(commit, fromAny: tips) { return .yes }
            return try await isProvenNoAncestor(commit, of: tips) ? .no : .unknown(reason: Self.shallowReason)
        } catch let error as GitError where error.kind == .missingObject || error.kind == .corruptObject {
            return .unknown(reason: isShallow ? Self.shallowReason : error.message)
        }
    }

    /// History has no cycles: whatever lies behind a commit cannot have it as an ancestor.
    private func isProvenNoAncestor(_ commit: CommitID, of tips: [CommitID]) async throws -> Bool {
        guard isShallow else { return true }
        for tip in tips where try await !backend.isReachable(tip, fromAny: [commit]) { return false }
        return true
    }

    private func firstMissing(of commits: [CommitID]) async throws -> CommitID? {
        for commit in commits where try await !backend.hasCommit(commit) { return commit }
        return nil
    }
}
