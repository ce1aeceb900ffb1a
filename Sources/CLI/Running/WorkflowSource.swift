import Engine
import FoundationEssentials
import Glibc
import Steps
import WorkflowModel

/// A workflow file on disk.
struct WorkflowSource: Sendable {
    let path: String

    /// Every problem of the file; throws `StepFailure` when it cannot be read.
    func validate() throws -> ValidatedWorkflow {
        WorkflowValidator(signatures: BuiltinSteps.signatures).validate(try read(), file: path)
    }

    /// The workflow; throws `StepFailure` (65) with every problem when it has any.
    func load() throws -> Workflow {
        let checked = try validate()
        guard let workflow = checked.workflow else {
            let count = checked.diagnostics.filter { $0.severity == .error }.count
            StandardError.write(checked.text + "\n\n")
            throw StepFailure(
                .invalidWorkflow, code: "InvalidWorkflow",
                "\(path) has \(count) \(count == 1 ? "problem" : "problems"); nothing was run",
                hint: "correct the file; slipway validate \(path) checks it again")
        }
        if !checked.diagnostics.isEmpty { StandardError.write(checked.text + "\n\n") }
        return workflow
    }

    /// Keeps what the file says now, so that a run that was cut off goes on with the same workflow.
    func keepCopy(at copy: String) throws {
        do {
            try Data(try read()).write(to: URL(fileURLWithPath: copy))
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable", "the workflow cannot be kept in \(copy): \(error)",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a folder that can be written")
        }
    }

    private func read() throws -> [UInt8] {
        guard access(path, R_OK) == 0, let data = FileManager.default.contents(atPath: path) else {
            throw StepFailure(
                .usage, code: "WorkflowUnreadable",
                "the workflow file '\(path)' cannot be read: \(String(cString: strerror(errno)))",
                hint: "name a file that exists and that you may read")
        }
        return Array(data)
    }
}
