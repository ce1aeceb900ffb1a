import ControlPlaneTypes
import Engine
import Redaction
import Steps
import WorkflowModel

/// All that is settled about a run before its first step.
struct RunPreparation: Sendable {
    let runID: RunID
    let workflow: LoadedWorkflow
    let inputs: [String: Value]
    let flags: RunFlags
    let facts: RunContext
    let journal: FileJournal
    /// Of the same run, when it is resumed.
    var earlier: [RunEvent] = []

    /// Of the workflow, and of the files that its deploys send: after an interruption, no step reads these again that
    /// has already ended. Steps read the files themselves, for one before them may write them.
    var secrets: [String] {
        let files = Set(workflow.secretsFiles(inputs) + [flags.values[Self.secretsFile]].compactMap { $0?.string })
        let sent = files.filter { !$0.isEmpty }.sorted().flatMap { SettingsFiles.presentSecrets(at: $0) }
        return facts.secrets.values + sent.map { $0.value.reveal() }
    }

    fileprivate static let secretsFile = "secrets-file"
}

extension LoadedWorkflow {
    /// The files with secrets that its steps name, as far as that is written there or in an input.
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
