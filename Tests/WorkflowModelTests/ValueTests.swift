import FoundationEssentials
import Testing
import WorkflowModel

@Suite struct ValueTests {
    static let nested = Value.object([
        "null": .null, "flag": true, "number": .number(60), "half": .number(0.5), "text": "a\nb",
        "list": .list(["x", .object(["deep": .list([])])]),
    ])

    @Test(arguments: [Value.null, true, false, .number(0), .number(-1.5), "", "yes", .list([]), nested])
    func `a value survives JSON`(value: Value) throws {
        let decoded = try JSONDecoder().decode([Value].self, from: try JSONEncoder().encode([value]))
        #expect(decoded == [value])
    }

    @Test func `a number that JSON does not know becomes null instead of an error`() throws {
        let data = try JSONEncoder().encode([Value.number(.infinity), .number(.nan)])
        #expect(String(decoding: data, as: UTF8.self) == "[null,null]")
    }

    @Test(arguments: [
        (Value.null, false), (false, false), (.number(0), false), ("", false), (.list([]), false), (true, true),
        (.number(0.1), true), ("false", true), (.list([.null]), true), (.object([:]), true),
    ])
    func `null, false, zero and the empty are no`(value: Value, isTruthy: Bool) {
        #expect(value.isTruthy == isTruthy)
    }

    @Test(arguments: [
        (Value.null, ""), (true, "true"), (.number(60), "60"), (.number(-3), "-3"), (.number(0.25), "0.25"),
        (.number(1e20), "1e+20"), (.number(.infinity), "inf"), ("x", "x"), (.list(["a", .number(1)]), "a,1"),
        (.object(["b": "2", "a": "1"]), "a=1,b=2"),
    ])
    func `a value is text the way people write it`(value: Value, text: String) {
        #expect(value.text == text)
    }

    @Test func `every text in a value can be changed, wherever it is`() {
        let changed = Value.object(["key": .list(["key", .object(["in": "key"])]), "n": .number(1)])
            .mapTexts { $0 == "key" ? "***" : $0 }
        #expect(changed == .object(["***": .list(["***", .object(["in": "***"])]), "n": .number(1)]))
    }

    @Test func `an absent text is null`() {
        #expect(Value(nil) == .null)
        #expect(Value("x").string == "x")
        #expect(Value.list(["x"]).list == ["x"])
        #expect(Value(booleanLiteral: true).bool == true)
        #expect(Value.null.string == nil)
    }
}
