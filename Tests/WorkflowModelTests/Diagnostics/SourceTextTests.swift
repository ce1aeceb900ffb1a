import Testing

@testable import WorkflowModel

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
