import Testing

@testable import WorkflowModel

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
