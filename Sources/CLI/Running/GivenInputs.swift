import Engine
import FoundationEssentials
import WorkflowModel

/// The inputs of a workflow as they were given on the command line.
struct GivenInputs: Sendable {
    /// `--input name=value`, in order; the last one of a name counts.
    var pairs: [String]
    /// The lines of `--input-file`, in the same form; `--input` beats them.
    var fileLines: [String] = []

    /// Every input of `workflow` with its value, in its declared type.
    ///
    /// Throws `StepFailure` (64) naming every problem at once.
    func values(for workflow: Workflow) throws -> [String: Value] {
        var problems: [String] = []
        var texts: [String: String] = [:]
        for pair in fileLines + pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                texts[String(parts[0])] = String(parts[1])
            } else {
                problems.append("'\(pair)' is not of the form name=value")
            }
        }
        let known = workflow.inputs.map(\.name)
        problems += texts.keys.filter { !known.contains($0) }.sorted().map { "the workflow has no input '\($0)'" }
        var values: [String: Value] = [:]
        for input in workflow.inputs {
            switch value(of: input, texts[input.name]) {
            case .success(let value): values[input.name] = value
            case .failure(let problem): problems.append(problem.message)
            }
        }
        guard problems.isEmpty else { throw failure(problems, known) }
        return values
    }

    private struct Problem: Error {
        var message: String
    }

    private func value(of input: InputDefinition, _ text: String?) -> Result<Value, Problem> {
        guard let text else {
            guard input.isRequired, input.defaultValue == .null else { return .success(input.defaultValue) }
            return .failure(Problem(message: "input '\(input.name)' is missing: \(input.description)"))
        }
        do {
            return .success(try input.value(of: text))
        } catch {
            return .failure(Problem(message: "input '\(input.name)': \(error.message)"))
        }
    }

    private func failure(_ problems: [String], _ known: [String]) -> StepFailure {
        StepFailure(
            .usage, code: "InvalidInputs", problems.joined(separator: "; "),
            hint: known.isEmpty
                ? "this workflow takes no inputs"
                : "give them with --input NAME=VALUE; there are: \(known.joined(separator: ", "))")
    }
}
