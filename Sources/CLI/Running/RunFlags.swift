import ArgumentParser
import Clocks
import WorkflowModel

/// What the flags of a deploy mean for a run of a workflow file: `--timeout` bounds the whole run, the others fill the
/// inputs of the same name, and what steps of the type `deploy` leave open.
struct RunFlags: Sendable, Equatable {
    private static let timeoutName = "timeout"

    /// By the name of the input; only flags that were given.
    let values: [String: Value]

    init(_ values: [String: Value] = [:]) { self.values = values }

    var timeout: Duration? { values[Self.timeoutName].flatMap { Duration(text: $0.text) } }

    /// For the step type `deploy`.
    var presets: [String: Value] { values.filter { $0.key != Self.timeoutName } }

    /// For the workflow's own inputs.
    func inputs(of workflow: Workflow) -> [String: String] {
        let names = Set(workflow.inputs.map(\.name))
        return presets.filter { names.contains($0.key) }.mapValues(\.text)
    }
}

extension DeployOptions {
    /// Those that were given: their inputs differ from what a command line without flags gives.
    var flags: RunFlags {
        // A command line without flags always parses.
        let standard = (try? DeployOptions.parse([]))?.plainInputs ?? [:]
        return RunFlags(plainInputs.filter { standard[$0.key] != $0.value && $0.value != .null })
    }

    private var plainInputs: [String: Value] { inputs(environment: [:], controlPlane: "", localRepository: nil) }
}
