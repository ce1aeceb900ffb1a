import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@Suite struct OpenAPIDocumentTests {
    private func document(_ paths: String = "{}", schemas: String = "{}") throws -> OpenAPIDocument {
        let text = #"{"paths": \#(paths), "components": {"schemas": \#(schemas)}}"#
        return OpenAPIDocument(try json(text))
    }

    private func json(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    static let thing = #"""
        {"type": "object", "required": ["id"], "properties": {
          "id": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "date-time"},
          "state": {"type": "string", "enum": ["ON", "OFF"]}, "kind": {"type": "string", "const": "k8s"},
          "size": {"anyOf": [{"type": "number", "minimum": 0.1}, {"type": "null"}]},
          "tags": {"type": "array", "items": {"type": "string", "minLength": 1}},
          "labels": {"type": "object", "additionalProperties": {"type": "string"}},
          "next": {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]}}}
        """#
    static let id = #""id": "11111111-0000-4000-8000-000000000000""#

    @Test(arguments: [
        ("{\(id)}", nil),
        (
            #"{\#(id), "at": "2026-01-02T03:04:05.000006Z", "state": "ON", "kind": "k8s", "size": 2, "tags": ["a"], "#
                + #""labels": {"a": "b"}, "next": {\#(id), "next": null}}"#, nil
        ),
        ("{}", ".id: missing"), (#"{"id": "x"}"#, ".id: not a UUID: x"), ("[]", ": not of type object"),
        (#"{\#(id), "at": "yesterday"}"#, ".at: not a time"), (#"{\#(id), "state": "DIM"}"#, ".state: unknown value"),
        (#"{\#(id), "kind": "vm"}"#, ".kind: not"), (#"{\#(id), "size": 0}"#, ".size: below 0.1"),
        (#"{\#(id), "size": "big"}"#, ".size: not of type"), (#"{\#(id), "tags": [""]}"#, ".tags[0]: too short"),
        (#"{\#(id), "labels": {"a": 1}}"#, ".labels.a: not of type string"),
        (#"{\#(id), "colour": "red"}"#, ".colour: unknown field"),
        (#"{\#(id), "next": {}}"#, ".next.id: missing"),
    ])
    func `a value is checked against its schema`(value: String, problem: String?) throws {
        let document = try document(schemas: #"{"Thing": \#(Self.thing)}"#)
        let problems = document.problems(in: try json(value), document.schema("Thing"))
        #expect(problems.count == (problem == nil ? 0 : 1), "\(problems)")
        if let problem { #expect(problems.first?.hasPrefix(problem) == true, "\(problems)") }
    }

    @Test func `a literal path goes before a placeholder`() throws {
        let document = try document(#"{"/a/{id}": {"get": {}}, "/a/count": {"get": {}}, "/a/{id}/b": {"post": {}}}"#)
        #expect(document.operation("GET", "/a/count")?.template == "/a/count")
        #expect(document.operation("GET", "/a/1")?.template == "/a/{id}")
        #expect(document.operation("POST", "/a/1/b")?.template == "/a/{id}/b")
        #expect(document.operation("DELETE", "/a/1") == nil)
    }

    @Test func `requests with unknown paths, parameters and bodies are found`() throws {
        let document = try document(
            #"""
            {"/a": {"get": {"parameters": [{"name": "limit", "in": "query", "required": true,
                                            "schema": {"type": "integer", "maximum": 9}}]},
                    "post": {"requestBody": {"required": true, "content": {"application/json": {
                        "schema": {"type": "object", "properties": {"x": {"type": "boolean"}}}}}}}}}
            """#)
        func problems(_ method: String, _ path: String, _ query: [(name: String, value: String)], _ body: JSONValue?)
            -> [String]
        {
            document.problems(inRequest: method, path: path, query: query, body: body)
        }
        #expect(problems("GET", "/a", [("limit", "9")], nil) == [])
        #expect(problems("GET", "/b", [], nil) == ["GET /b: not an operation"])
        #expect(problems("GET", "/a", [], nil) == ["GET /a: parameter limit is missing"])
        #expect(problems("GET", "/a", [("limit", "10")], nil) == ["GET /a: invalid parameter limit=10"])
        #expect(problems("GET", "/a", [("limit", "1"), ("x", "")], nil) == ["GET /a: unknown parameter x"])
        #expect(problems("GET", "/a", [("limit", "1")], [:]) == ["GET /a: unexpected body"])
        #expect(problems("POST", "/a", [], nil) == ["POST /a: no body"])
        #expect(problems("POST", "/a", [], ["x": .bool(true)]) == [])
        #expect(problems("POST", "/a", [], ["x": "yes"]).count == 1)
    }

    @Test func `responses with undocumented statuses and bodies are found`() throws {
        let document = try document(
            #"""
            {"/a": {"get": {"responses": {
                "200": {"content": {"application/json": {"schema": {"type": "integer"}}}}, "204": {},
                "default": {"content": {"application/json": {"schema": {"type": "string"}}}}}}}}
            """#)
        func problems(_ status: Int, _ body: JSONValue?) -> [String] {
            document.problems(inResponse: status, body: body, to: "GET", path: "/a")
        }
        #expect(problems(200, .integer(1)) == [])
        #expect(problems(200, "x").count == 1)
        #expect(problems(200, nil) == ["GET /a: 200: no JSON body"])
        #expect(problems(201, .integer(1)) == ["GET /a: 201: not documented"])
        #expect(problems(204, nil) == [])
        #expect(problems(204, "x") == ["GET /a: 204: unexpected body"])
        #expect(problems(503, "x") == [])
    }

    @Test func `every reference of the project's description leads somewhere`() throws {
        let document = try OpenAPIDocument.project.get()
        #expect(document.operations.count > 40)
        func references(in value: JSONValue) -> [JSONValue] {
            (value["$ref"] == nil ? [] : [value])
                + value.members.values.flatMap(references) + value.elements.flatMap(references)
        }
        for reference in references(in: document.root) {
            #expect(document.resolve(reference) != .null, "\(reference)")
        }
    }
}
