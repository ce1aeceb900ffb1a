import Testing

@testable import WorkflowModel

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
