import Testing
import WorkflowModel

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
        (.call("format", ["{2} {x} {", "a"]), "{2} {x} {"),
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
