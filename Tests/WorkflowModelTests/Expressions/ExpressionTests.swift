import Testing
import WorkflowModel

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
