import FoundationEssentials
import Testing

@testable import WorkflowModel

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

@Suite struct SourceTextTests {
    /// The place of the first `HERE` in the value of `v`, as line and column.
    private func place(in text: String) throws -> [Int] {
        let bytes = Array(text.utf8)
        let root = try #require(YAMLDocument(bytes).root)
        let node = try #require(root["v"])
        let scalars = Array((node.text ?? "").unicodeScalars)
        let offset = try #require(scalars.indices.first { scalars[$0...].starts(with: "HERE".unicodeScalars) })
        let position = SourceText(bytes, file: "f").position(ofOffset: offset, in: node)
        return [position.line, position.column]
    }

    @Test(arguments: [
        ("v: a HERE", [1, 6]), ("v: 'é HERE'", [1, 7]), ("v: \"a HERE\"", [1, 7]), ("a: 1\nv: HERE # x", [2, 4]),
        ("v: |\n  a\n    b HERE\n", [3, 7]), ("v: |-\n\n  HERE", [3, 3]),
    ])
    func `a part of a text is found in the file`(text: String, place expected: [Int]) throws {
        #expect(try place(in: text) == expected)
    }

    @Test(arguments: [
        ("v: \"\\t HERE\"", [1, 4]), ("v: 'a'' HERE'", [1, 4]), ("v: >\n  a\n  HERE\n", [1, 4]),
        ("v: a\n  HERE", [1, 4]),
    ])
    func `where escapes or folds move it, the place is where the text begins`(text: String, place expected: [Int])
        throws
    {
        #expect(try place(in: text) == expected)
    }

    @Test func `lines end as YAML's do`() {
        let source = SourceText(Array("a\r\nb\rc\u{85}d\u{2028}é\u{2029}\n".utf8), file: "f")
        #expect((0...8).map { source.line($0) } == [nil, "a", "b", "c", "d", "é", "", "", nil])
    }

    @Test func `a file without a break at its end has a last line, an empty one a line without text`() {
        #expect(SourceText(Array("a\nb\u{B}".utf8), file: "f").line(2) == "b\u{B}")
        #expect((1...2).map { SourceText([], file: "f").line($0) } == ["", nil])
        let long = SourceText(Array(repeating: 0x61, count: YAMLDocument.maximumSize + 5), file: "f")
        #expect(long.line(1)?.utf8.count == YAMLDocument.maximumSize)
    }
}

@Suite struct SuggestionTests {
    private let names = ["needs", "if", "timeout", "retry", "continue-on-error", "steps"]

    @Test(arguments: [
        ("need", "needs"), ("neeeds", "needs"), ("tiemout", "timeout"), ("Timeout", "timeout"), ("retires", nil),
        ("continue_on_error", "continue-on-error"), ("timeout-minutes", nil), ("x", nil), ("fi", "if"), ("", nil),
    ])
    func `a close name is probably meant`(word: String, name: String?) {
        #expect(Suggestion.closest(to: word, among: names) == name)
    }

    @Test(arguments: [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("ab", "ba", 1), ("kitten", "sitting", 3)])
    func `the distance counts single changes`(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
        #expect(Suggestion.distance(right, left) == distance)
    }

    @Test func `without a close name the hint says what there is`() {
        #expect(Suggestion.hint(for: "nmaes", among: ["names"]) == "did you mean 'names'?")
        #expect(Suggestion.hint(for: "zzz", among: ["a", "b"]) == "expected one of: a, b")
        #expect(Suggestion.hint(for: "zzz", among: (0..<20).map { "name-\($0)" })?.hasSuffix("name-11, …") == true)
        #expect(Suggestion.hint(for: "zzz", among: []) == nil)
    }

    @Test func `a long word takes no time`() {
        #expect(Suggestion.closest(to: String(repeating: "x", count: 200_000), among: names) == nil)
    }
}
