import Engine
import TestSupport
import Testing
import WorkflowModel

@Suite struct ScriptedStepTests {
    @Test func `a scripted type declares the inputs and outputs it was given`() throws {
        let type = ScriptedStep.type("say", inputs: ["text"], outputs: ["said"]) { _ in }
        #expect(type.signature.uses == "say")
        #expect(type.signature.inputs.map(\.name) == ["text"])
        #expect(type.signature.outputs.map(\.name) == ["said"])
        _ = try #require(try type.makeStep(StepInputs([:])) as? ScriptedStep)
    }
}
