import Testing

/// A file with one mistake, and exactly what is said about it.
struct BadFile: Sendable, CustomTestStringConvertible {
    var text: String
    /// `line:column: code message`.
    var problems: [String]

    init(_ text: String, _ problems: String...) {
        self.text = text
        self.problems = problems
    }

    var testDescription: String { problems.first ?? text }

    static func workflow(_ lines: String...) -> String {
        (["version: 1", "name: w"] + lines + ["jobs: {j: {steps: [run: x]}}"]).joined(separator: "\n")
    }

    static func job(_ lines: String...) -> String {
        (["version: 1", "name: w", "jobs:", "  j:"] + lines.map { "    " + $0 } + ["    steps: [run: x]"])
            .joined(separator: "\n")
    }

    static let all = workflows + yaml + jobs + matrices + steps + stepTypes + expressions + references
}
