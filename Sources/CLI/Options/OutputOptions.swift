import ArgumentParser
import FoundationEssentials
import Git

extension ColorChoice: ExpressibleByArgument {}
extension CISelection: ExpressibleByArgument {}

/// How much is said on standard error, and in which dress.
struct TerminalOptions: ParsableArguments {
    enum LogLevel: String, ExpressibleByArgument, CaseIterable, Sendable {
        case debug, info, warning
    }

    @Option(help: "How much to say: debug, info or warning.")
    var logLevel: LogLevel?

    @Option(help: "Colours: auto, always or never.")
    var color: ColorChoice = .auto

    @Option(help: "The CI system to speak to: auto, github, gitlab or none.")
    var ci: CISelection = .auto

    func isVerbose(_ environment: [String: String]) -> Bool {
        logLevel == .debug || (logLevel == nil && environment["RUNNER_DEBUG"] == "1")
    }

    /// The CI system that shows what is printed, if one does.
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

/// Which reports are written, on every outcome.
struct ReportOptions: ParsableArguments {
    enum Output: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, json, jsonl
    }

    @Option(help: "Write a JUnit report here.", completion: .file(extensions: ["xml"]))
    var junit: String?

    @Flag(help: "Leave out of the JUnit report what Jenkins' xunit plugin refuses: file, line and one count.")
    var junitStrict = false

    @Option(help: "Write a JSON report here.", completion: .file(extensions: ["json"]))
    var json: String?

    @Option(help: "Write a page with the timeline here.", completion: .file(extensions: ["html"]))
    var html: String?

    @Option(help: "Write a summary in Markdown here.", completion: .file(extensions: ["md"]))
    var summary: String?

    @Option(help: "Write variables for GitLab's artifacts:reports:dotenv here.", completion: .file(extensions: ["env"]))
    var dotenv: String?

    @Option(
        help: "Write links for GitLab's artifacts:reports:annotations here.", completion: .file(extensions: ["json"]))
    var annotations: String?

    @Option(help: "What goes to standard output: text, json (one report at the end) or jsonl (one event a line).")
    var output: Output = .text

    /// The flags that name a file, with what they name.
    var named: [(flag: String, path: String)] {
        let all = [
            ("--junit", junit), ("--json", json), ("--html", html), ("--summary", summary), ("--dotenv", dotenv),
            ("--annotations", annotations),
        ]
        return all.compactMap { flag, path in path.map { (flag, $0) } }
    }
}

/// What is told of a run beside its progress.
struct ProgressOptions: ParsableArguments {
    @Flag(help: "Show the build and deploy logs of revisions as they come; on failure their ends are shown anyway.")
    var logs = false
}
