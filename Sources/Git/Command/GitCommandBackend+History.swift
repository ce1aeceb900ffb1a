extension GitCommandBackend {
    func hasCommit(_ id: CommitID) async throws -> Bool {
        try await command.output(["cat-file", "-e", "\(id)^{commit}"]).isSuccess
    }

    /// What is reachable leaves nothing to list.
    func isReachable(_ commit: CommitID, fromAny tips: [CommitID]) async throws -> Bool {
        if tips.contains(commit) { return true }
        guard !tips.isEmpty else { return false }
        return try await revisions(commit, butNotFrom: tips, options: ["-1"]).isEmpty
    }

    func commits(reachableFrom commit: CommitID, butNotFrom tips: [CommitID]) async throws -> [CommitID] {
        try await revisions(commit, butNotFrom: tips, options: [])
    }

    /// The tips go through standard input: there may be more than a command line holds.
    private func revisions(
        _ commit: CommitID, butNotFrom tips: [CommitID], options: [String]
    ) async throws -> [CommitID] {
        let input = ([commit.description] + tips.map { "^\($0)" }).joined(separator: "\n") + "\n"
        let output = try await command.run(["rev-list"] + options + ["--stdin"], input: Array(input.utf8))
        return output.lines.compactMap { CommitID($0) }
    }
}
