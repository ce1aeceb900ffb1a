import Testing

@testable import WorkflowModel

@Suite struct YAMLDocumentTests {
    private func problems(_ text: String) -> [String] {
        YAMLDocument(Array(text.utf8)).problems.map { "\($0.mark.line):\($0.mark.column): \($0.message)" }
    }

    @Test func `keys and values have their places, columns in Unicode scalars`() throws {
        let root = try #require(YAMLDocument(Array("a: 1\nbé: [x, \"ÿ\", z]\n".utf8)).root)
        let entries = try #require(root.entries)
        #expect(entries.map(\.keyMark) == [.init(line: 1, column: 1), .init(line: 2, column: 1)])
        #expect(entries[0].value.mark == .init(line: 1, column: 4))
        #expect(entries[1].value.elements?.map(\.mark.column) == [6, 9, 14])
        #expect(root["bé"]?.elements?.compactMap(\.text) == ["x", "ÿ", "z"])
    }

    @Test(arguments: [
        ("a: &x 1", ["1:4: anchors ('&name') are not allowed"]),
        ("a: *x", ["1:4: aliases ('*name') are not allowed"]),
        ("<<: {b: 1}", ["1:1: merge keys ('<<') are not allowed"]),
        ("a: !x 1", ["1:4: tags ('!x') are not allowed"]),
        ("a: !!str 1", ["1:4: tags ('tag:yaml.org,2002:str') are not allowed"]),
        ("a: 1\n---\nb: 2", ["2:1: several documents in one file"]),
        ("a: 1\nb: 2\na: 3", ["3:1: duplicate key 'a'"]),
        ("[x]: 1", ["1:1: a key must be text"]),
        ("a: \"\\0\"", ["1:4: NUL character in text"]),
        (
            "a: &x 1\nb: *x\nb: !t 1",
            [
                "1:4: anchors ('&name') are not allowed", "2:4: aliases ('*name') are not allowed",
                "3:4: tags ('!t') are not allowed", "3:1: duplicate key 'b'",
            ]
        ),
    ])
    func `what makes YAML dangerous is refused, and reading goes on`(text: String, expected: [String]) {
        #expect(problems(text) == expected)
    }

    @Test func `a quoted '<<' is a key like any other`() {
        #expect(problems("\"<<\": 1").isEmpty)
    }

    @Test(arguments: [("a: [", 2...2), ("a: 'x", 1...2), ("\tb: 1", 1...1), ("a: b: c", 1...1)])
    func `a text that is no YAML has one problem with its place`(text: String, lines: ClosedRange<Int>) throws {
        let found = YAMLDocument(Array(text.utf8)).problems
        #expect(found.count == 1)
        #expect(found.first?.kind == .unreadable)
        #expect(lines.contains(try #require(found.first?.mark.line)))
    }

    @Test(arguments: [
        (Array("a: 1\nb: ".utf8) + [0xFF, 0xFE], 2, 4), ([0xC3, 0x28], 1, 2), (Array("a: x".utf8) + [0], 1, 5),
        (Array("é: ".utf8) + [0x01], 1, 4), ([0xED, 0xA0, 0x80], 1, 1),
    ])
    func `bytes that are no text are told with their place`(bytes: [UInt8], line: Int, column: Int) {
        let problem = YAMLDocument(bytes).problems.first
        #expect(problem?.kind == .unreadable)
        #expect(problem?.mark == .init(line: line, column: column))
    }

    @Test func `nothing at all is an empty document`() {
        for text in ["", "# only a comment\n", "\u{FEFF}", "---\n..."] {
            let document = YAMLDocument(Array(text.utf8))
            #expect(document.problems.isEmpty)
            #expect(document.root?.isEmpty ?? true)
        }
    }

    @Test(arguments: ["[", "{a: ", "- ", "[{", "? "])
    func `deep nesting is an error`(opening: String) {
        let document = YAMLDocument(Array(String(repeating: opening, count: 50_000).utf8))
        #expect(document.root == nil)
        #expect(document.problems.count == 1)
    }

    @Test func `64 levels can be read and 65 cannot`() {
        func nested(_ levels: Int) -> YAMLDocument {
            let brackets = (String(repeating: "[", count: levels), String(repeating: "]", count: levels))
            return YAMLDocument(Array((brackets.0 + brackets.1).utf8))
        }
        #expect(nested(65).problems.isEmpty)
        #expect(nested(66).problems.map(\.message) == ["nested deeper than 64 levels"])
    }

    @Test func `an alias bomb is refused without being expanded`() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(problems(text).count == 121)
    }

    @Test func `a file has at most 256 KiB`() {
        let text = "a: " + String(repeating: "x", count: YAMLDocument.maximumSize - 3)
        #expect(problems(text).isEmpty)
        #expect(problems(text + "x") == ["1:1: the file is too large: 262145 bytes, at most 262144"])
    }
}

@Suite struct YAMLNodeTests {
    private func node(_ text: String) throws -> YAMLNode {
        let root = try #require(YAMLDocument(Array("v: \(text)".utf8)).root)
        return try #require(root["v"])
    }

    @Test(arguments: [
        "on", "off", "yes", "no", "y", "12:30", "0123", "0o17", "0x1F", "1e3", "1_000", "~", "null", "2026-01-02",
        ".inf",
        "1234567890123456789012345678901234567890", "1234e56", "3.10", "true", "=",
    ])
    func `text is what is written, whatever YAML 1.1 makes of it`(text: String) throws {
        #expect(try node(text).text == text)
    }

    @Test(arguments: [
        ("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false),
    ])
    func `booleans are those of YAML 1.2`(text: String, value: Bool) throws {
        #expect(try node(text).coreBoolean == value)
    }

    @Test(arguments: ["yes", "no", "on", "off", "y", "n", "tRue", "\"true\"", "'false'", "1", "[true]"])
    func `nothing else is a boolean`(text: String) throws {
        #expect(try node(text).coreBoolean == nil)
    }

    @Test(arguments: [
        ("0", 0.0), ("12", 12), ("-3", -3), ("+4", 4), ("0123", 123), ("1e3", 1000), ("1.5E-1", 0.15), (".5", 0.5),
        ("2.", 2),
        ("-1.0e2", -100),
    ])
    func `numbers are those of YAML 1.2`(text: String, value: Double) throws {
        #expect(try node(text).coreNumber == value)
    }

    @Test(arguments: [
        "12:30", "1_000", "0x1F", "0o17", ".inf", ".nan", "nan", "inf", "1e", "e1", ".", "+", "--1", "1e999", "\"1\"",
        "1 2", "٣",
    ])
    func `nothing else is a number`(text: String) throws {
        #expect(try node(text).coreNumber == nil)
    }
}
