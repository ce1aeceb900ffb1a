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

@Suite struct InputDefinitionTests {
    private func input(_ kind: InputDefinition.Kind) -> InputDefinition {
        InputDefinition("x", kind, description: "", options: kind == .choice ? ["a", "b"] : [])
    }

    @Test(
        arguments: [
            (.string, "1e3", "1e3"), (.number, "1e3", .number(1000)), (.boolean, "true", true),
            (.boolean, "false", false),
            (.choice, "b", "b"), (.duration, "20m", "20m"), (.duration, "90", "90"),
            (.string, "", ""),
        ] as [(InputDefinition.Kind, String, Value)])
    func `a text is read by the type that is declared`(kind: InputDefinition.Kind, text: String, value: Value) throws {
        #expect(try input(kind).value(of: text) == value)
    }

    @Test(
        arguments: [
            (.number, "12:30", "'12:30' is not a number"), (.boolean, "yes", "'yes' is not true or false"),
            (.choice, "c", "'c' is not one of a, b"),
            (.duration, "soon", "'soon' is not a duration; write it as 90s, 20m, 1.5h, 1h30m or a number of seconds"),
        ] as [(InputDefinition.Kind, String, String)])
    func `a text of another type is refused`(kind: InputDefinition.Kind, text: String, message: String) {
        #expect(throws: InputDefinition.InvalidValue(message: message)) { try input(kind).value(of: text) }
    }

    @Test func `a pattern must match the whole text`() throws {
        let input = InputDefinition("x", description: "", pattern: "v[0-9]+")
        #expect(try input.value(of: "v12") == "v12")
        for text in ["v", "xv1", "v1 "] {
            #expect(throws: InputDefinition.InvalidValue(message: "'\(text)' does not match v[0-9]+")) {
                try input.value(of: text)
            }
        }
    }
}

@Suite struct WorkflowTests {
    @Test func `a job is found by its id`() {
        let workflow = Workflow(name: "w", jobs: [Job(id: "a", steps: []), Job(id: "b", needs: ["a"], steps: [])])
        #expect(workflow.job("b")?.needs == ["a"])
        #expect(workflow.job("c") == nil)
    }
}
