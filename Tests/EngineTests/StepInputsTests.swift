import Testing
import WorkflowModel

@testable import Engine

@Suite struct StepInputsTests {
    let signature = StepSignature(
        uses: "wait", summary: "",
        inputs: [
            .init("id", isRequired: true, ""), .init("pace", default: "2s", ""), .init("paths", ""),
            .init("force", default: false, ""),
        ])

    @Test func `what was not given has its default`() throws {
        let inputs = try StepInputs(["id": "r", "pace": .null], for: signature)
        #expect(inputs.string("id") == "r")
        #expect(inputs.string("pace") == "2s")
        #expect(!inputs.flag("force"))
        #expect(inputs.strings("paths").isEmpty)
    }

    @Test func `all that is wrong is told at once`() {
        let failure = #expect(throws: StepFailure.self) { try StepInputs(["ids": "r", "what": true], for: signature) }
        #expect(failure?.message == "step type 'wait': unknown input 'ids'; unknown input 'what'; missing input 'id'")
        #expect(failure?.hint == "available inputs: id, pace, paths, force")
        #expect(failure?.verdict == .invalidWorkflow)
    }

    @Test(arguments: [
        (Value.null, String?.none), ("", nil), ("x", "x"), (.number(3), "3"), (true, "true"),
        (.list(["a", "b"]), "a,b"),
    ])
    func `an input is text, and an empty one is absent`(value: Value, text: String?) {
        #expect(StepInputs(["in": value]).string("in") == text)
    }

    @Test(arguments: [
        (Value.null, false), ("true", true), ("false", false), ("yes", false), (true, true), (.number(0), false),
    ])
    func `a flag is a boolean or the word for one`(value: Value, flag: Bool) {
        #expect(StepInputs(["in": value]).flag("in") == flag)
    }

    @Test(
        arguments: [
            (Value.null, [String]()), ("", []), ("a", ["a"]), (Value.list(["a", .number(1)]), ["a", "1"]),
            (Value.list([]), []),
        ] as [(Value, [String])])
    func `one text is a list of one`(value: Value, texts: [String]) {
        #expect(StepInputs(["in": value]).strings("in") == texts)
    }

    @Test(arguments: [
        (Value.string("{\"a\": 1}"), "{\"a\": 1}"), (.object(["a": .list(["b", true])]), "{\"a\":[\"b\",true]}"),
        (.list([]), "[]"), ("", nil), (.null, nil),
    ])
    func `JSON is taken as it is, and mappings become it`(value: Value, json: String?) {
        #expect(StepInputs(["x": value]).json("x") == json)
    }
}
