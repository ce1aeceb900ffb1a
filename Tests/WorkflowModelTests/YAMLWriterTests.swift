import Testing
import WorkflowModel

@Suite struct YAMLWriterTests {
    private static let texts = [
        "", " ", "a", "a b", " a", "a ", "yes", "No", "null", "~", "true", "1", "1.5", "1e3", "0x1F", "2030-01-01", "-",
        "- a", "? a", ": a", "a: b", "a #b", "#a", "&a", "*a", "!a", "|", ">", "'a'", "\"a\"", "a'b\"c", "%a", "@a",
        "`a`",
        "{a}", "[a]", "a, b", "line\nbreak", "\n", "a\n", "tab\tend", "cr\r\n", "\u{7}", "é", "日本", "🚀", "\\n",
        "${{ a }}", "$A", "=", "<<", ".inf", "on", "\u{2028}", "\u{FEFF}a", String(repeating: "long ", count: 100),
    ]

    @Test(arguments: texts) func `a text comes back as it was, and as a text`(text: String) throws {
        for value in [YAMLOutput.text(text), .block(text)] {
            let written = try YAMLOutput.map([.init("key", value), .init("list", [value, ["k": value]])]).document()
            let document = YAMLDocument(Array(written.utf8))
            #expect(document.problems.isEmpty, "\(written)")
            let root = try #require(document.root)
            #expect(root["key"]?.text == text, "\(written)")
            #expect(root["list"]?.elements?.first?.text == text)
            #expect(root["list"]?.elements?.last?["k"]?.text == text)
            #expect(root["key"]?.coreBoolean == nil && root["key"]?.coreNumber == nil)
        }
        let keyed = try YAMLOutput.map([.init(text, 1)]).document()
        #expect(YAMLDocument(Array(keyed.utf8)).root?.entries?.first?.key == text, "\(keyed)")
    }

    @Test func `collections, numbers and flags`() throws {
        let value: YAMLOutput = [
            "count": 1, "flag": true, "empty": [:], "none": [], "row": .row(["a", "1/2"]), "list": [["a": 1], "b"],
        ]
        #expect(
            try value.document() == """
                count: 1
                flag: true
                empty: {}
                none: []
                row: [a, "1/2"]
                list:
                - a: 1
                - b

                """)
    }
}
