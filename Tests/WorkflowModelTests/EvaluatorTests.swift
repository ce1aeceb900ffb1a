import Testing

@testable import WorkflowModel

@Suite struct EvaluatorTests {
    let evaluator = Evaluator {
        [
            "inputs": .object(["name": "agent", "empty": "", "count": .number(0)]),
            "steps": .object(["deploy": .object(["outputs": .object(["id": .null])])]),
        ]
    }

    @Test(arguments: [
        (Expression.input("name"), Value.string("agent")), (.output("id", of: "deploy"), .null),
        (.or(.input("empty"), "other"), "other"), (.or(.input("name"), "other"), "agent"),
        (.and(.input("name"), "then"), "then"), (.and(.input("count"), "then"), .number(0)),
        (.not(.input("empty")), true), (.equal(.input("name"), "agent"), true),
        (.notEqual(.input("name"), "agent"), false),
        (.call("format", ["{0}/{1}{0}", .input("name"), "x"]), "agent/xagent"),
        (.call("format", ["{{\"sha\": \"{0}\"}} {{0}}", "a"]), "{\"sha\": \"a\"} {0}"),
    ])
    func `an expression has the value of its parts`(expression: Expression, expected: Value) throws {
        #expect(try evaluator.evaluate(expression) == expected)
    }

    @Test func `equality does not convert`() throws {
        #expect(try evaluator.evaluate(.equal(.input("count"), "0")) == false)
        #expect(try evaluator.evaluate(.equal(.input("empty"), .literal(.null))) == false)
    }

    @Test func `the right side is not looked at when the left one decides`() throws {
        #expect(try evaluator.evaluate(.and(false, .reference(["nothing"]))) == false)
        #expect(try evaluator.evaluate(.or(true, .reference(["nothing"]))) == true)
    }

    @Test func `results are not scanned again`() throws {
        #expect(try evaluator.evaluate(.call("format", ["{0}", "{1}", "x"])) == "{1}")
    }

    @Test(arguments: [
        (Expression.reference(["nothing"]), "unknown name 'nothing' (available: inputs, steps)"),
        (.input("nmae"), "unknown name 'inputs.nmae' (available: count, empty, name)"),
        (.reference(["inputs", "name", "first"]), "unknown name 'inputs.name.first'"),
        (.call("shout", ["x"]), "unknown function 'shout'"),
    ])
    func `a name that nothing has is an error that says what there is`(expression: Expression, message: String) {
        #expect(throws: ExpressionError(message: message)) { try evaluator.evaluate(expression) }
    }

    @Test(arguments: ["{1}", "{x}", "{", "}", "{0", "{-1}", "{ 0 }", "{\"sha\": \"{0}\"}"])
    func `a pattern that cannot be filled is an error`(pattern: String) {
        #expect(throws: ExpressionError.self) {
            try evaluator.evaluate(.call("format", [.literal(.string(pattern)), "x"]))
        }
    }

    @Test(arguments: [
        "fromJSON('{}').k", "fromJSON('{\"a\": null}').a.k", "fromJSON('{}').a.b", "fromJSON('[]')[0]", "matrix.zone",
        "secrets.HOOK", "steps.deploy.outputs.never",
    ])
    func `a missing value has a default`(text: String) throws {
        let evaluator = Evaluator {
            [
                "matrix": .object(["region": "eu"]), "secrets": .object([:]),
                "steps": .object(["deploy": .object(["outputs": .object([:])])]),
            ]
        }
        let expression = try ExpressionParser.parse("default(\(text), 1)").expression
        #expect(try evaluator.evaluate(expression) == .number(1))
        #expect(throws: ExpressionError.self) { try evaluator.evaluate(ExpressionParser.parse(text).expression) }
    }

    @Test(arguments: ["inputs.nmae", "fromJSON('x').k", "fromJSON('1').k"])
    func `a mistake is no missing value`(text: String) {
        #expect(throws: ExpressionError.self) {
            try evaluator.evaluate(ExpressionParser.parse("default(\(text), 1)").expression)
        }
    }

    @Test(arguments: [
        (RunStatus.succeeding, ["success", "always"]), (.failed, ["failure", "always"]),
        (.cancelled, ["cancelled", "always"]), (.skipped, ["always"]),
    ])
    func `the status functions tell how the run stands`(status: RunStatus, holding: [String]) throws {
        let evaluator = Evaluator(status: status) { [:] }
        let functions = ["success", "failure", "cancelled", "always"]
        #expect(try functions.filter { try evaluator.holds(.call($0, [])) } == holding)
    }

    @Test func `a condition that asks for no status holds only while nothing went wrong`() throws {
        for status in [RunStatus.failed, .cancelled, .skipped] {
            #expect(try Evaluator(status: status) { [:] }.holds(true) == false)
        }
        #expect(try evaluator.holds("yes"))
        #expect(try !evaluator.holds(""))
    }
}

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
            ("toJSON(fromJSON('[12345678901234567891, 5]'))", "[12345678901234567891,5]"),
            ("toJSON(fromJSON('-9007199254740993'))", "-9007199254740993"),
            ("format('{0}', fromJSON('12345678901234567891'))", "12345678901234567891"),
            ("fromJSON('9007199254740993') > 5", true),
            ("fromJSON('12345678901234567891') == 12345678901234567891", true),
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

@Suite struct ExpressionTests {
    @Test(arguments: [
        Expression.always, .not(.failure), .and("x", .success), .or(.call("cancelled", []), "x"),
        .equal(.failure, true), .call("format", ["{0}", .always]),
    ])
    func `a status function is found wherever it stands`(expression: Expression) {
        #expect(expression.checksStatus)
    }

    @Test(arguments: [
        Expression.literal("always"), .reference(["steps", "success"]), .call("format", ["{0}", "failure"]),
        .notEqual(.input("a"), "b"),
    ])
    func `its name alone does not ask for the status`(expression: Expression) {
        #expect(!expression.checksStatus)
    }

    @Test func `literals and paths are short to write`() {
        #expect(("text" as Expression) == .literal("text"))
        #expect((true as Expression) == .literal(true))
        #expect(Expression.input("name") == .reference(["inputs", "name"]))
        #expect(Expression.output("id", of: "deploy") == .reference(["steps", "deploy", "outputs", "id"]))
    }
}
