import Foundation
import Testing
import WorkflowModel

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
                #expect(properties[key.key.rawValue]?["description"] as? String == key.summary)
            }
        }
    }
}
