import TestSupport
import Testing

@Suite struct OpenAPIDocumentTests {
    let document = OpenAPIDocument(
        text: """
            paths:
              /a:
                get:
                  tags:
                  - A
                post:
                  tags: []
              /a/{a_id}:
                delete:
                  summary: x
            components:
              schemas:
                Thing:
                  properties:
                    id:
                      type: string
                    state:
                      enum:
                      - ON
                      - OFF
                      title: State
                  type: object
                  required:
                  - id
                Other:
                  properties:
                    name: {}
            """)

    @Test func `schemas, their properties and values are found`() {
        #expect(document.properties(of: "Thing") == ["id", "state"])
        #expect(document.properties(of: "Other") == ["name"])
        #expect(document.required(by: "Thing") == ["id"])
        #expect(document.values(of: "state", in: "Thing") == ["ON", "OFF"])
        #expect(document.properties(of: "Missing").isEmpty)
    }

    @Test func `operations are named alike whatever the placeholder`() {
        #expect(document.operations == ["GET /a", "POST /a", "DELETE /a/{}"])
        #expect(OpenAPIDocument.normalised("DELETE /a/{id}") == "DELETE /a/{}")
    }
}
