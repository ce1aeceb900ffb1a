extension GitCommandBackend {
    func hasCommit(_ id: CommitID) async throws -> Bool {
        try await command.output(["cat-file", "-e", "\(id)^{commit}"]).isSuccess
    }

    /// The commit is where the walk from the tips stops, if it lies on their way. To exclude the tips from a walk that
    /// starts at the commit would be shorter, but on the excluded side git takes a missing commit for the first one.
    func isReachable(_ commit: CommitID, fromAny tips: [CommitID]) async throws -> Bool {
        if tips.contains(commit) { return true }
        guard !tips.isEmpty else { return false }
        let revisions = tips.map(\.description) + ["^\(commit)"]
        return try await revisionList(revisions, options: ["--boundary"]).contains("-\(commit)")
    }

    func commits(reachableFrom starts: [CommitID], butNotFrom ends: [CommitID]) async throws -> [CommitID] {
        let revisions = starts.map(\.description) + ends.map { "^\($0)" }
        return try await revisionList(revisions, options: []).compactMap { CommitID($0) }
    }

    /// Revisions go through standard input: there may be more than a command line holds.
    private func revisionList(_ revisions: [String], options: [String]) async throws -> [String] {
        let input = revisions.joined(separator: "\n") + "\n"
        return try await command.run(["rev-list"] + options + ["--stdin"], input: Array(input.utf8)).lines
    }
}
