import FoundationEssentials
import Testing
import WorkflowModel

@Suite struct DiagnosticTests {
    private func diagnostic(_ line: String?, column: Int = 3, message: String = "unknown key 'a'") -> Diagnostic {
        Diagnostic(
            .unknownKey, message, at: SourcePosition(file: "w.yml", line: 12, column: column),
            hint: "did you mean 'b'?",
            line: line)
    }

    @Test func `people see the place, the line with a caret, and what to do`() {
        #expect(
            diagnostic("  a: 1").text == """
                w.yml:12:3: error: unknown key 'a' [LS004]
                   12 |   a: 1
                      |   ^
                hint: did you mean 'b'?
                """)
    }

    @Test func `the caret stands right after tabs and at the end of the line`() {
        #expect(diagnostic("\t\ta").text.contains("\n      | \t\t^\n"))
        #expect(diagnostic("a", column: 99).text.contains("\n      |  ^\n"))
    }

    @Test func `a long line is shown in part`() {
        let text = diagnostic(
            String(repeating: "x", count: 5000) + "HERE" + String(repeating: "y", count: 5000), column: 5001
        ).text
        #expect(text.contains("xxHEREyy"))
        #expect(text.utf8.count < 500)
    }

    @Test func `nothing in a file reaches the terminal as a command`() {
        let text = diagnostic("a\u{1B}[31m\u{202E}b\u{7}", message: "x\u{1B}y").text
        #expect(
            text.unicodeScalars.allSatisfy {
                $0 == "\n" || ![.control, .format].contains($0.properties.generalCategory)
            })
        #expect(text.contains("x\u{FFFD}y"))
    }

    @Test func `programs get a list of objects`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        #expect(
            String(decoding: try encoder.encode([diagnostic("  a: 1")]), as: UTF8.self) == """
                [
                  {
                    "code" : "LS004",
                    "column" : 3,
                    "file" : "w.yml",
                    "hint" : "did you mean 'b'?",
                    "line" : 12,
                    "message" : "unknown key 'a'",
                    "severity" : "error"
                  }
                ]
                """)
    }

    @Test func `no two kinds of problems have one code`() {
        #expect(Set(DiagnosticCode.allCases.map(\.rawValue)).count == DiagnosticCode.allCases.count)
    }
}
