/// A `git` child that did not do what it was asked; its text, which LC_ALL=C keeps English, says why.
struct GitCommandFailure {
    let gitError: GitError

    private static let phrases: [(GitError.Kind, [String])] = [
        (.dubiousOwnership, ["dubious ownership"]),
        (.notARepository, ["not a git repository", "cannot change to"]),
        (
            .unsupportedRepository,
            ["unknown repository extension", "Expected git repo version", "unknown ref storage format"]
        ),
        (
            .corruptObject,
            ["corrupt", "inflate", "hash mismatch", "is empty", "invalid object header", "unable to unpack"]
        ),
        (
            .missingObject,
            [
                "promisor remote", "bad object", "missing object", "not a valid object", "Could not read",
                "unable to read", "could not get object info",
            ]
        ),
    ]

    init(_ output: GitOutput, arguments: [String], folder: String) {
        let detail = Self.detail(of: output, arguments: arguments)
        let known = Self.phrases.first { $0.1.contains(where: output.errorText.contains) }
        gitError =
            switch known?.0 {
            case .dubiousOwnership: .dubiousOwnership(of: Self.quotedPath(in: output.errorText) ?? folder)
            case .notARepository: .notARepository(folder)
            case .unsupportedRepository: GitError(.unsupportedRepository, detail, hint: "install a newer git")
            case .corruptObject: .corruptObject(detail)
            case .missingObject: .missingObject("wanted here (\(detail))")
            default: GitError(.other, detail)
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
