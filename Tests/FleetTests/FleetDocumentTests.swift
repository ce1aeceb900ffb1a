import Fleet
import TestSupport
import Testing
import WorkflowModel

@Suite struct FleetDocumentTests {
    private static let document = GeneratedFile("docs/fleet.md")

    @Test func `the committed schema is made from the declarations (record with SLIPWAY_RECORD=1)`() throws {
        #expect(try GeneratedFile("schema/targets.schema.json").matches(try FleetFile.schema()))
    }

    @Test func `the tables in the document are made from the declarations (record with SLIPWAY_RECORD=1)`() throws {
        let tables = SyntaxReference.tables(of: FleetKeys.all)
        let text = try Self.document.read()
        #expect(try Self.document.matches(SyntaxReference.filled(text, with: tables)))
        for name in tables.keys { #expect(text.contains("<!-- table: \(name) -->")) }
    }

    @Test(arguments: ["examples/fleet/targets.yml", "docs/fleet.md"])
    func `every example is valid`(path: String) throws {
        let text = try GeneratedFile(path).read()
        let examples = path.hasSuffix(".yml") ? [text] : Self.examples(in: text)
        #expect(!examples.isEmpty)
        for example in examples { #expect(FleetFile(Array(example.utf8), file: path).text == "") }
    }

    private static func examples(in text: String) -> [String] {
        text.split(separator: "```").filter { $0.hasPrefix("yaml\n") }.map { String($0.dropFirst("yaml\n".count)) }
    }
}
