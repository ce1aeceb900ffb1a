import Testing

@testable import WorkflowModel

@Suite struct ExpressionParserTests {
    @Test(
        arguments: [
            ("inputs.ref", Expression.input("ref")), ("matrix['a b'].c", .reference(["matrix", "a b", "c"])),
            ("'it''s'", "it's"), ("''", ""), ("true", true), ("null", .literal(.null)),
            ("-1.5", .literal(.number(-1.5))),
            ("!inputs.a", .not(.input("a"))), ("!!true", .not(.not(true))),
            ("inputs.a == 'x'", .equal(.input("a"), "x")), ("inputs.a != 'x'", .notEqual(.input("a"), "x")),
            ("1 < 2 == true", .equal(.compare(.less, .literal(.number(1)), .literal(.number(2))), true)),
            ("1 >= 2", .compare(.greaterOrEqual, .literal(.number(1)), .literal(.number(2)))),
            ("'a' || 'b' && 'c'", .or("a", .and("b", "c"))), ("('a' || 'b') && 'c'", .and(.or("a", "b"), "c")),
            ("! 'a' == 'b'", .equal(.not("a"), "b")), ("always()", .always),
            ("format('{0}', inputs.a)", .call("format", ["{0}", .input("a")])),
            ("fromJSON(inputs.a)[0].b", .index(.index(.call("fromJSON", [.input("a")]), .literal(.number(0))), "b")),
            ("matrix[inputs.a].b", .index(.index(.reference(["matrix"]), .input("a")), "b")),
            ("steps.roll-back.outputs.x", .output("x", of: "roll-back")), (" \n'a'\t", "a"),
        ] as [(String, Expression)])
    func `an expression is read as it is written`(text: String, expected: Expression) throws {
        #expect(try ExpressionParser.parse(text).expression == expected)
    }

    @Test(arguments: [
        ("", 0, "the expression is empty"), ("  ", 2, "the expression is empty"),
        ("a ==", 4, "unexpected end of expression, expected a value"),
        ("a b", 2, "unexpected 'b', expected an operator or the end"),
        ("(a", 2, "unexpected end of expression, expected ')'"),
        ("a.", 2, "unexpected end of expression, expected a name"),
        ("a[0", 3, "unexpected end of expression, expected ']'"),
        ("f(a,", 4, "unexpected end of expression, expected a value"),
        ("f(,)", 2, "unexpected ',', expected a value"), ("'abc", 0, "unterminated text"),
        ("\"abc\"", 0, "unexpected '\"'"), ("a = b", 2, "unexpected '='"),
        ("a & b", 2, "unexpected '&'"), ("${{ a }}", 0, "unexpected '$'"),
        ("1 < 2 < 3", 6, "comparisons cannot be chained"), ("a == b != c", 7, "comparisons cannot be chained"),
        ("12x", 0, "'12x' is not a number"), ("1.2.3", 0, "'1.2.3' is not a number"),
        ("é", 0, "unexpected 'é'"),
        ("a\u{7}", 1, "unexpected control character"),
        ("a.1", 2, "unexpected number 1, expected a name"),
    ])
    func `what is no expression is told with its place`(text: String, offset: Int, message: String) {
        let error = #expect(throws: ExpressionSyntaxError.self) { try ExpressionParser.parse(text) }
        #expect(error?.offset == offset)
        #expect(error?.message == message)
    }

    @Test func `the names it uses are known with their places`() throws {
        let parsed = try ExpressionParser.parse("contains(inputs.a, matrix[env.B]) && failure()", base: 10)
        let references = parsed.references.sorted { $0.offset < $1.offset }
        #expect(
            references == [
                .init(path: ["inputs", "a"], offset: 19), .init(path: ["matrix"], offset: 29),
                .init(path: ["env", "B"], offset: 36),
            ])
        #expect(
            parsed.calls == [
                .init(name: "contains", argumentCount: 2, offset: 10),
                .init(name: "failure", argumentCount: 0, offset: 47),
            ])
    }

    @Test(arguments: ["(", "!", "f(", "a["])
    func `nesting is bounded`(opening: String) {
        let error = #expect(throws: ExpressionSyntaxError.self) {
            try ExpressionParser.parse(String(repeating: opening, count: 2000))
        }
        #expect(error?.message == "the expression is nested deeper than 32 levels")
    }

    @Test func `length is bounded`() {
        let text = "'" + String(repeating: "x", count: ExpressionParser.maximumLength - 2) + "'"
        #expect(throws: Never.self) { try ExpressionParser.parse(text) }
        #expect(throws: ExpressionSyntaxError("the expression is longer than 8192 bytes", at: 0)) {
            try ExpressionParser.parse(text + " ")
        }
    }

    @Test func `a long chain is evaluated from the left without a deep stack`() throws {
        let text = Array(repeating: "''", count: 1500).joined(separator: "||") + "||'last'"
        let evaluator = Evaluator { [:] }
        #expect(try evaluator.evaluate(try ExpressionParser.parse(text).expression) == "last")
        let stops = "false && " + Array(repeating: "nothing.x", count: 500).joined(separator: " && ")
        #expect(try evaluator.evaluate(try ExpressionParser.parse(stops).expression) == false)
    }
}

@Suite struct LexerTests {
    @Test func `a text is cut into names, texts, numbers and symbols`() throws {
        let kinds = try Lexer.tokens(of: "a-b_1 'x''y' -2.5e1<=!(").map(\.kind)
        #expect(
            kinds == [
                .name("a-b_1"), .string("x'y"), .number(-25), .symbol("<="), .symbol("!"), .symbol("("), .end,
            ])
    }

    @Test func `places count Unicode scalars`() throws {
        #expect(try Lexer.tokens(of: "'é👍🏽' a").map(\.offset) == [0, 6, 7])
    }

    @Test func `a wrong character has a hint where somebody means something else`() {
        let error = #expect(throws: ExpressionSyntaxError.self) { try Lexer.tokens(of: "a = b") }
        #expect(error?.hint == "use '==' to compare")
    }
}

@Suite struct TemplateTests {
    @Test(
        arguments: [
            ("plain", "plain"), ("", ""), ("$ { {{ }} $}", "$ { {{ }} $}"), ("${{ inputs.a }}", .input("a")),
            ("${{inputs.a}}", .input("a")), ("a ${{ inputs.a }}", .concatenation(["a ", .input("a")])),
            ("${{ inputs.a }}${{ inputs.b }}", .concatenation([.input("a"), .input("b")])),
            ("${{ '}}' }}", "}}"), ("${{ '${{' }}", "${{"),
            ("$${{ inputs.a }}}}", .concatenation(["$", .input("a"), "}}"])),
        ] as [(String, Expression)])
    func `text and expressions are told apart`(text: String, expected: Expression) throws {
        #expect(try Template.parse(text).expression == expected)
    }

    @Test func `a value that is one expression keeps its type, beside text it becomes text`() throws {
        let evaluator = Evaluator { ["inputs": .object(["n": .number(3)])] }
        #expect(try evaluator.evaluate(try Template.parse("${{ inputs.n }}").expression) == .number(3))
        #expect(try evaluator.evaluate(try Template.parse(" ${{ inputs.n }}").expression) == " 3")
    }

    @Test func `results are not scanned again`() throws {
        let evaluator = Evaluator { ["inputs": .object(["a": "${{ inputs.b }}"])] }
        #expect(try evaluator.evaluate(try Template.parse("<${{ inputs.a }}>").expression) == "<${{ inputs.b }}>")
    }

    @Test(arguments: [("a ${{ b", 2), ("${{ a }} ${{ 'x }}", 9), ("${{ }}", 4), ("é ${{ a b }}", 8)])
    func `places count from the start of the text`(text: String, offset: Int) {
        let error = #expect(throws: ExpressionSyntaxError.self) { try Template.parse(text) }
        #expect(error?.offset == offset)
    }

    @Test(arguments: [
        ("${{ a }}", " a "), ("${{ a }} == b", nil), ("${{ a }} == ${{ b }}", nil), ("a", nil), ("${{}}", ""),
    ])
    func `one expression and nothing else is whole`(text: String, inner: String?) {
        #expect(Template.whole(text) == inner)
    }
}
