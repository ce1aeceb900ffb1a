import ControlPlaneTypes
import Engine
import Fleet
import Redaction
import Steps
import WorkflowModel

/// Everything that is known about a run before its first step.
struct RunPreparation: Sendable {
    let runID: RunID
    let workflow: LoadedWorkflow
    let inputs: [String: Value]
    let flags: RunFlags
    let facts: RunContext
    let origin: RunOrigin
    let journal: FileJournal
    /// The earlier events of a resumed run.
    var earlier: [RunEvent] = []

    /// The secrets of the workflow and of the files that its deploys send. A resumed run does not repeat the steps that
    /// read those files, so they are read here. Steps read them again, because an earlier step may have written them.
    var secrets: [String] { facts.secrets.values + fileSecrets.map(\.value) }

    /// The same by the names that a resumed run finds them by.
    var namedSecrets: [String: String] {
        var named = Dictionary(fileSecrets) { $1 }
        for (name, secret) in facts.secrets { named["secrets.\(name)"] = secret }
        return named
    }

    private var fileSecrets: [(String, value: String)] {
        // The built-in deploy hands all of its inputs to one step, whose `with` does not name the file.
        let given = [inputs[Self.secretsFile], flags.values[Self.secretsFile]]
        let files = Set(
            workflow.secretsFiles(inputs) + given.compactMap { $0?.string } + (workflow.fleet?.secretsFiles ?? []))
        return files.filter { !$0.isEmpty }.sorted().flatMap { path in
            SettingsFiles.presentSecrets(at: path).map { ("\(path):\($0.name)", $0.value.reveal()) }
        }
    }

    /// The texts that are public whatever they contain.
    var publicFacts: Set<String> {
        let choices = workflow.workflow.inputs.filter { $0.kind != .string }.compactMap { inputs[$0.name]?.string }
        return origin.facts.union(choices).union(BuiltinWorkflows.facts(in: inputs))
            .union(BuiltinWorkflows.facts(in: flags.values))
    }

    fileprivate static let secretsFile = "secrets-file"
}

extension LoadedWorkflow {
    /// The secrets files of its steps, when their paths are literals or inputs.
    fileprivate func secretsFiles(_ given: [String: Value]) -> [String] {
        ([workflow] + files.values).flatMap { used in
            used.jobs.flatMap(\.steps).compactMap { step in
                switch step.with[RunPreparation.secretsFile] {
                case .literal(let path)?: path.string
                case .reference(let parts)? where parts.first == "inputs" && parts.count == 2: given[parts[1]]?.string
                default: nil
                }
            }
        }
    }
}
