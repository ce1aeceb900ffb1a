import ArgumentParser

/// Which reports are written, on every outcome.
struct ReportOptions: ParsableArguments {
    enum Output: String, ExpressibleByArgument, CaseIterable, Sendable {
        case text, json, jsonl
    }

    @Option(help: "Write a JUnit report here.", completion: .file(extensions: ["xml"]))
    var junit: String?

    @Option(help: "Write a JSON report here.", completion: .file(extensions: ["json"]))
    var json: String?

    @Option(help: "What goes to standard output: text, json (one report at the end) or jsonl (one event a line).")
    var output: Output = .text

    var paths: [String] { [junit, json].compactMap(\.self) }
}
