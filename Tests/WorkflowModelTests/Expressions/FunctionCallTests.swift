import Testing

@testable import WorkflowModel

@Suite struct FunctionCallTests {
    private func value(_ text: String) throws -> Value {
        let contexts: [String: Value] = [
            "inputs": .object(["list": .list(["a", .number(1)]), "empty": "", "none": .null])
        ]
        let evaluator = Evaluator(hashFiles: { patterns in patterns.joined(separator: "+") }, contexts: { contexts })
        return try evaluator.evaluate(try ExpressionParser.parse(text).expression)
    }

    @Test(
        arguments: [
            ("contains('abc', 'b')", true), ("contains('abc', 'B')", false), ("contains('abc', '')", true),
            ("contains(inputs.list, 1)", true), ("contains(inputs.list, '1')", false), ("contains(null, 'a')", false),
            ("startsWith('abc', 'ab')", true), ("endsWith('abc', 'ab')", false), ("format('{0}-{1}', 'a', 2)", "a-2"),
            ("join(inputs.list)", "a,1"), ("join(inputs.list, ' + ')", "a + 1"), ("join(null)", ""),
            ("toJSON(inputs.list)", "[\"a\",1]"), ("fromJSON('{\"a\":[1,true,null]}').a[1]", true),
            ("fromJSON('[1,2]')[1]", .number(2)), ("default('', 'x')", "x"), ("default(inputs.none, 'x')", "x"),
            ("default(0, 'x')", .number(0)), ("default(false, 'x')", false), ("hashFiles('a', 'b')", "a+b"),
            ("1 < 2", true), ("2 <= 1", false), ("2 > 1", true), ("2 >= 3", false), ("1 == '1'", false),
            ("inputs.list[0]", "a"),
        ] as [(String, Value)])
    func `a call has a value`(text: String, expected: Value) throws {
        #expect(try value(text) == expected)
    }

    @Test(arguments: [
        ("contains(1, 'a')", "contains: a number is not a text or a list"),
        ("startsWith('a', 1)", "startsWith: a number is not a text"),
        ("contains('a')", "wrong number of arguments for contains(where, what): 1"),
        ("join('a')", "join: a text is not a list"),
        ("fromJSON('{')", "fromJSON: the text is not JSON"),
        ("'a' < 1", "'<' compares numbers, not a text and a number"),
        ("inputs.list[2]", "index out of range: 2"), ("inputs.list[-1]", "index out of range: -1"),
        ("inputs.list[0.5]", "index out of range: 0.5"),
        ("inputs[inputs.empty]", "unknown name '' (available: empty, list, none)"),
        ("fromJSON('1').a", "a number has no member 'a'"), ("shout('x')", "unknown function 'shout'"),
    ])
    func `a call that makes no sense is an error`(text: String, message: String) {
        #expect(throws: ExpressionError(message: message)) { try value(text) }
    }

    @Test func `without files there is no hash of them`() {
        #expect(throws: ExpressionError(message: "hashFiles: no files available here")) {
            try Evaluator { [:] }.evaluate(.call("hashFiles", ["x"]))
        }
    }
}
