package import Engine
import WorkflowModel

/// A step whose behavior a test passes as a closure.
package struct ScriptedStep: Step {
    package typealias Script = @Sendable (StepContext) async throws -> Void

    private let script: Script

    package init(_ script: @escaping Script) { self.script = script }

    package func run(in context: StepContext) async throws {
        try await script(context)
    }

    /// A step type of that name; `inputs` and `outputs` are the names it declares.
    package static func type(
        _ uses: String, inputs: [String] = [], outputs: [String] = [], _ script: @escaping Script
    ) -> StepType {
        let signature = StepSignature(
            uses: uses, summary: "A step of a test.", inputs: inputs.map { .init($0, "an input of a test") },
            outputs: outputs.map { .init($0, "an output of a test") })
        return StepType(signature) { _ in ScriptedStep(script) }
    }
}
