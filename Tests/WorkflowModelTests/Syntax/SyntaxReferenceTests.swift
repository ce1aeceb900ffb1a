import Testing
import WorkflowModel

@Suite struct SyntaxReferenceTests {
    static let document = GeneratedFile("docs/workflow-syntax.md")

    @Test func `the tables in the document are made from the declarations (record with SLIPWAY_RECORD=1)`() throws {
        var lines: [String] = []
        // The table that is being replaced.
        var table: String?
        var found: Set<String> = []
        for line in try Self.document.read().split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "<!-- end -->" { table = nil }
            if table == nil { lines.append(String(line)) }
            if line.hasPrefix("<!-- table: ") {
                let name = String(line.dropFirst("<!-- table: ".count).dropLast(" -->".count))
                let rows: String = try #require(SyntaxReference.tables[name])
                table = name
                found.insert(name)
                lines.append(rows)
            }
        }
        #expect(found == Set(SyntaxReference.tables.keys))
        #expect(try Self.document.matches(lines.joined(separator: "\n")))
    }

    @Test func `every example in the document is a valid workflow`() throws {
        let parts = try Self.document.read().split(separator: "```")
        let examples = parts.filter { $0.hasPrefix("yaml\n") }.map { $0.dropFirst("yaml\n".count) }
        #expect(examples.count >= 4)
        for example in examples { #expect(Sample.validate(String(example)).text == "") }
    }
}
