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
                "'tagret' is no input (did you mean 'target'?)", "'target' is missing", "'count': 'many' is no number",
                "'force': 'yes' is neither true nor false",
            ])
        #expect(problems?.hint == "give inputs as --input NAME=VALUE; there are: target, count, force")
    }
}
