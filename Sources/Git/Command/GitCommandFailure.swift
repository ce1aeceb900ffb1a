/// A `git` child that did not do what it was asked; its text says which kind of failure it is.
struct GitCommandFailure {
    let gitError: GitError

    init(_ output: GitOutput, arguments: [String], folder: String) {
        let text = output.errorText
        func says(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
        let detail = Self.detail(of: output, arguments: arguments)
        if says("dubious ownership") {
            gitError = .dubiousOwnership(of: Self.quotedPath(in: text) ?? folder)
        } else if says("not a git repository", "cannot change to") {
            gitError = .notARepository(folder)
        } else if says("unknown repository extension", "Expected git repo version", "unknown ref storage format") {
            gitError = GitError(.unsupportedRepository, detail, hint: "install a newer git")
        } else if says("corrupt", "inflate", "hash mismatch", "is empty", "invalid object header", "unable to unpack") {
            gitError = .corruptObject(detail)
        } else if says(
            "bad object", "missing object", "unable to read", "could not get object info", "not a valid object")
        {
            gitError = .missingObject("wanted here (\(detail))")
        } else {
            gitError = GitError(.other, detail)
        }
    }

    private static func detail(of output: GitOutput, arguments: [String]) -> String {
        let command = "git " + (arguments.first { !$0.hasPrefix("-") } ?? "")
        let lines = output.errorText.split(separator: "\n").map(String.init)
        let reason = lines.first { $0.hasPrefix("fatal:") } ?? lines.first
        return "\(command): \(reason ?? output.exitCode.map { "exit code \($0)" } ?? "ended by a signal")"
    }

    /// From "detected dubious ownership in repository at '/path'".
    private static func quotedPath(in text: String) -> String? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }
}
