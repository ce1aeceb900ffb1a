import Engine
import WorkflowModel

/// The inputs of a workflow as they were given on the command line.
struct InputAssignments: Sendable {
    /// `--input name=value`, in order; the last one of a name counts.
    var pairs: [String]
    /// The lines of `--input-file`, in the same form; `--input` beats them.
    var fileLines: [String] = []
    /// What other flags say; everything else beats it.
    var flags: [String: String] = [:]

    /// Every input of `workflow` with its value, in its declared type.
    ///
    /// Throws `StepFailure` (64) naming every problem at once.
    func values(for workflow: Workflow) throws -> [String: Value] {
        var malformed: [String] = []
        var texts = flags
        for pair in fileLines + pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first, let value = parts.dropFirst().first {
                texts[String(name)] = String(value)
            } else {
                malformed.append("'\(pair)' is not of the form name=value")
            }
        }
        let resolved = Result { () throws(InvalidInputs) in try workflow.resolve(texts) }
        switch resolved {
        case .success(let values) where malformed.isEmpty: return values
        case .success: throw Self.failure(malformed, hint: "give inputs as --input NAME=VALUE")
        case .failure(let problems): throw Self.failure(malformed + problems.messages, hint: problems.hint)
        }
    }

    private static func failure(_ problems: [String], hint: String) -> StepFailure {
        StepFailure(.usage, code: "InvalidInputs", problems.joined(separator: "; "), hint: hint)
    }
}
