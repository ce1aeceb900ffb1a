import ArgumentParser
import FoundationEssentials
import Git

extension ColorChoice: ExpressibleByArgument {}
extension CISelection: ExpressibleByArgument {}

/// Verbosity, color and CI output.
struct TerminalOptions: ParsableArguments {
    enum LogLevel: String, ExpressibleByArgument, CaseIterable, Sendable {
        case debug, info, warning
    }

    @Option(help: ArgumentHelp("Verbosity on standard error.", valueName: "level"))
    var logLevel: LogLevel?

    @Option(help: ArgumentHelp("When to use color.", valueName: "when"))
    var color: ColorChoice = .auto

    @Option(help: ArgumentHelp("CI system to format output for.", valueName: "system"))
    var ci: CISelection = .auto

    func isVerbose(_ environment: [String: String]) -> Bool {
        logLevel == .debug || (logLevel == nil && environment["RUNNER_DEBUG"] == "1")
    }

    /// The CI system that displays the output; nil when there is none.
    func ciProvider(_ environment: [String: String]) -> CIProvider? {
        switch ci {
        case .none: nil
        case .github: .github
        case .gitlab: .gitlab
        case .auto where environment["GITHUB_ACTIONS"] == "true": .github
        case .auto where environment["GITLAB_CI"] == "true": .gitlab
        case .auto: nil
        }
    }

    func isCI(_ environment: [String: String]) -> Bool { ciProvider(environment) != nil }
}

extension [String: String] {
    /// Whether a job of a CI system runs this, where nobody can answer even if there is a terminal. All systems set `CI`.
    var isUnattended: Bool { !["", "0", "false"].contains((self["CI"] ?? "").lowercased()) }
}

/// Whether a run shows the logs of its revisions.
struct LogOptions: ParsableArguments {
    @Flag(help: "Stream build and deploy logs; on failure the last lines are always shown.")
    var logs = false
}

/// Where the records of changes are shared, beside the journal of each run.
struct RecordOptions: ParsableArguments {
    enum Sharing: String, ExpressibleByArgument, CaseIterable, Sendable {
        case none, notes
    }

    @Option(
        help: ArgumentHelp(
            "Share the record of the change as git notes, merged with and pushed to the remote. Default: that of "
                + ".slipway.yml, or none.", valueName: "where"))
    var record: Sharing?
}

/// The reports of a run, which are written on every outcome; `-` is standard output.
struct ReportOptions: ParsableArguments {
    enum Output: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, json, jsonl
    }

    @Option(
        help: ArgumentHelp("Write a JUnit report to this file; -: standard output.", valueName: "file"),
        completion: .file(extensions: ["xml"]))
    var junit: String?

    @Flag(help: "Write JUnit that Jenkins' xunit plugin accepts: without file and line.")
    var junitStrict = false

    @Option(
        help: ArgumentHelp("Write a JSON report to this file; -: standard output.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var json: String?

    @Option(
        help: ArgumentHelp("Write an HTML timeline to this file; -: standard output.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @Option(
        help: ArgumentHelp("Write a Markdown summary to this file; -: standard output.", valueName: "file"),
        completion: .file(extensions: ["md"]))
    var summary: String?

    @Option(
        help: ArgumentHelp("Write variables for GitLab's artifacts:reports:dotenv to this file.", valueName: "file"),
        completion: .file(extensions: ["env"]))
    var dotenv: String?

    @Option(
        help: ArgumentHelp("Write links for GitLab's artifacts:reports:annotations to this file.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var annotations: String?

    @Option(
        help: ArgumentHelp(
            "Standard output: text, json (one report at the end) or jsonl (one event per line).", valueName: "format"))
    var output: Output = .text

    /// The flags that name a file, with their paths.
    var named: [(flag: String, path: String)] {
        let all = [
            ("--junit", junit), ("--json", json), ("--html", html), ("--summary", summary), ("--dotenv", dotenv),
            ("--annotations", annotations),
        ]
        return all.compactMap { flag, path in path.map { (flag, $0) } }
    }

    /// The report that takes the place of the result on standard output.
    var onStandardOutput: (flag: String, path: String)? {
        named.first { ReportDestination($0.path) == .standardOutput }
    }

    /// The reports that are kept in files.
    var files: [String] { named.map(\.path).filter { ReportDestination($0) == .file(path: $0) } }
}
