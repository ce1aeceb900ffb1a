import ArgumentParser

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
