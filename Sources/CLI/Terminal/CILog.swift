import FoundationEssentials
import Git
import Redaction
import Reports

/// The marks around lines that a CI system folds into one. Between them it reads no commands.
struct LogGroup: Sendable, Equatable {
    let provider: CIProvider
    /// New for every group and impossible to guess: GitHub ignores commands until it reads the token again.
    let token: String
    /// The name of GitLab's section.
    private var name: String { "slipway_" + token.filter { $0.isASCII && ($0.isLetter || $0.isNumber) } }

    /// - Parameter title: sanitized.
    func opening(_ title: String, at date: Date) -> String {
        switch provider {
        case .github: "::group::\(title)\n::stop-commands::\(token)\n"
        case .gitlab:
            "\(Self.erase)section_start:\(Self.unixTime(date)):\(name)[collapsed=true]\r\(Self.erase)\(title)\n"
        }
    }

    func closing(at date: Date) -> String {
        switch provider {
        case .github: "::\(token)::\n::endgroup::\n"
        case .gitlab: "\(Self.erase)section_end:\(Self.unixTime(date)):\(name)\r\(Self.erase)\n"
        }
    }

    /// Commands that the CI system obeys although the group is open.
    func passing(_ commands: String) -> String {
        switch provider {
        case .github: "::\(token)::\n\(commands)::stop-commands::\(token)\n"
        case .gitlab: commands
        }
    }

    /// As GitLab's own runner writes it; `\e[K` does not work.
    private static let erase = "\u{1B}[0K"

    private static func unixTime(_ date: Date) -> Int { Int(date.timeIntervalSince1970) }
}

/// Keeps secrets out of a CI job's log.
enum CILogMasking {
    /// Commands that make GitHub mask secrets in the job's log, whichever program prints them. Empty elsewhere, where
    /// the commands themselves would be printed.
    static func masks(_ secrets: [String], environment: [String: String]) -> String {
        guard environment["GITHUB_ACTIONS"] == "true" else { return "" }
        // Compared as bytes: GitHub masks one Unicode spelling of a text only.
        var seen: Set<[UInt8]> = []
        let values = secrets.flatMap { [$0] + $0.split(whereSeparator: \.isNewline).map(String.init) }
        return values.filter { $0.utf8.count >= Redactor.shortestSecret && seen.insert(Array($0.utf8)).inserted }
            .map { "::add-mask::\(GitHubCommandText.data($0))\n" }.joined()
    }

    /// Why the log of this job exposes secrets; nil where it does not.
    static func warning(environment: [String: String]) -> (message: String, hint: String)? {
        guard environment["CI_DEBUG_TRACE"] == "true" else { return nil }
        return (
            "CI_DEBUG_TRACE is on: GitLab prints every variable of this job, including keys, into its log",
            "turn it off, delete the job's log and rotate the keys"
        )
    }
}
