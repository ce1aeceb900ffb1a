import Reports

/// What is said to a CI system before a run begins.
enum CILogMasking {
    /// Shorter ones would make the log unreadable wherever they stand in a word.
    private static let shortestMask = 6

    /// Commands that keep secrets out of a GitHub job's log, by whatever prints them. Nothing elsewhere, where they
    /// would be printed.
    static func masks(_ secrets: [String], environment: [String: String]) -> String {
        guard environment["GITHUB_ACTIONS"] == "true" else { return "" }
        // Bytes: two spellings of one text in Unicode are two secrets to whoever reads the log.
        var seen: Set<[UInt8]> = []
        let values = secrets.flatMap { [$0] + $0.split(whereSeparator: \.isNewline).map(String.init) }
        return values.filter { $0.count >= shortestMask && seen.insert(Array($0.utf8)).inserted }
            .map { "::add-mask::\(GitHubCommandText.data($0))\n" }.joined()
    }

    /// Why the log of this job is no place for secrets; nil where it is as always.
    static func warning(environment: [String: String]) -> (message: String, hint: String)? {
        guard environment["CI_DEBUG_TRACE"] == "true" else { return nil }
        return (
            "CI_DEBUG_TRACE is on: GitLab prints every variable of this job into its log, keys among them",
            "switch it off, delete the job's log and replace the keys"
        )
    }
}
