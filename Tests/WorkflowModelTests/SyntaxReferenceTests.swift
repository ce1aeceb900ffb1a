import Foundation
import TestSupport
import Testing
import WorkflowModel

@Suite struct SyntaxReferenceTests {
    static let documents = [GeneratedFile("docs/workflow-syntax.md"), GeneratedFile("docs/expressions.md")]

    @Test func `the tables in the documents are made from the declarations (record with SLIPWAY_RECORD=1)`() throws {
        let tables = SyntaxReference.tables
        var text = ""
        for document in Self.documents {
            let own = try document.read()
            #expect(try document.matches(SyntaxReference.filled(own, with: tables)))
            text += own
        }
        for name in tables.keys { #expect(text.contains("<!-- table: \(name) -->")) }
    }

    @Test func `every example in the document is a valid workflow`() throws {
        let parts = try Self.documents[0].read().split(separator: "```")
        let examples = parts.filter { $0.hasPrefix("yaml\n") }.map { $0.dropFirst("yaml\n".count) }
        #expect(examples.count >= 4)
        for example in examples { #expect(Sample.validate(String(example)).text == "") }
    }
}

@Suite struct WorkflowSchemaTests {
    @Test func `the committed schema is made from the declarations (record with SLIPWAY_RECORD=1)`() throws {
        #expect(try GeneratedFile("schema/workflow.schema.json").matches(try WorkflowSchema.json()))
    }

    @Test func `every key of the language is in it, with a description`() throws {
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(try WorkflowSchema.json().utf8)) as? [String: Any])
        let definitions = try #require(schema["definitions"] as? [String: [String: Any]])
        #expect(schema["additionalProperties"] as? Bool == false)
        for group in KeyGroup.all {
            let object = group.name == "workflow" ? schema : definitions[group.name]
            let properties = try #require(object?["properties"] as? [String: [String: Any]])
            for key in group.keys {
                #expect(properties[key.name]?["description"] as? String == key.summary)
            }
        }
    }
}
