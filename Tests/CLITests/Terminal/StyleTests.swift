import Testing

@testable import CLI

struct StyleTests {
    struct Row: Sendable {
        var choice = ColorChoice.auto
        var environment: [String: String] = [:]
        var isTerminal = false
        var isCI = false
        var color: Bool
    }

    /// In the order of precedence: what stands higher wins.
    static let rows: [Row] = [
        Row(choice: .always, environment: ["NO_COLOR": "1"], color: true),
        Row(choice: .never, environment: ["CLICOLOR_FORCE": "1"], isTerminal: true, isCI: true, color: false),
        Row(environment: ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], isTerminal: true, isCI: true, color: false),
        Row(environment: ["NO_COLOR": ""], isTerminal: true, color: true),
        Row(environment: ["CLICOLOR_FORCE": "1"], color: true),
        Row(environment: ["CLICOLOR_FORCE": "0"], color: false),
        Row(environment: ["FORCE_COLOR": "1", "TERM": "dumb"], color: true),
        Row(environment: ["FORCE_COLOR": "0"], color: false),
        Row(isCI: true, color: true),
        Row(environment: ["TERM": "xterm"], isTerminal: true, color: true),
        Row(environment: ["TERM": "dumb"], isTerminal: true, color: false),
        Row(environment: ["CLICOLOR": "0"], isTerminal: true, color: false),
        Row(color: false),
    ]

    @Test(arguments: rows)
    func `colour is decided by the flag, then the environment, then the stream`(row: Row) {
        let style = Style(
            choice: row.choice, environment: row.environment, isTerminal: row.isTerminal, isCI: row.isCI)
        #expect(style.usesColor == row.color)
    }

    @Test(arguments: [
        (["LANG": "C.UTF-8"], true),
        (["LANG": "en_US.utf8"], true),
        (["LC_ALL": "C", "LANG": "C.UTF-8"], false),
        (["LC_ALL": "", "LC_CTYPE": "de_DE.UTF-8"], true),
        ([:], false),
    ])
    func `signs beyond ASCII need a locale in UTF-8`(environment: [String: String], expected: Bool) {
        let style = Style(choice: .auto, environment: environment, isTerminal: true, isCI: false)
        #expect(style.usesUnicode == expected)
        #expect(style.okSign == (expected ? "✓" : "ok"))
    }

    @Test func `without colour, text stays as it is`() {
        #expect(Style.plain.paint("text", .red) == "text")
        #expect(Style(usesColor: true, usesUnicode: false).paint("text", .red) == "\u{1B}[31mtext\u{1B}[0m")
    }
}
