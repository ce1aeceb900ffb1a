import Testing

@testable import WorkflowModel

@Suite struct WorkflowInputsTests {
    private let workflow = Workflow(
        name: "w",
        inputs: [
            InputDefinition("target", isRequired: true, description: ""),
            InputDefinition("count", .number, description: ""),
            InputDefinition("force", .boolean, default: false, description: ""),
        ], jobs: [])

    @Test func `what is given is read by its type and the rest has its default`() throws {
        let values = try workflow.resolve(["target": "0123", "count": "7"])
        #expect(values == ["target": "0123", "count": .number(7), "force": false])
    }

    @Test func `all that is wrong is named at once`() {
        let problems = #expect(throws: InvalidInputs.self) {
            try workflow.resolve(["tagret": "x", "count": "many", "force": "yes"])
        }
        #expect(
            problems?.messages == [
                "unknown input 'tagret' (did you mean 'target'?)", "missing input 'target'",
                "invalid input 'count': 'many' is not a number",
                "invalid input 'force': 'yes' is not true or false",
            ])
        #expect(problems?.hint == "pass inputs as --input NAME=VALUE; available inputs: target, count, force")
    }
}
