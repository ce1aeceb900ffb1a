import Engine
import Fleet
import Redaction
import Steps
import WorkflowModel

/// A file of targets on disk.
struct FleetSource: Sendable {
    let path: String

    /// Every problem of the file. Throws `StepFailure` (64) when it is unreadable.
    func check() throws(StepFailure) -> FleetFile {
        try FleetFile.read(path, shownAs: shownPath)
    }

    /// The whole fleet. Throws `StepFailure` (65) with every problem when there is any.
    func fleet() throws(StepFailure) -> Fleet {
        let file = try check()
        if !file.text.isEmpty { StandardError.write(file.text + "\n\n") }
        guard let fleet = file.fleet else {
            let count = file.diagnostics.filter { $0.severity == .error }.count
            throw StepFailure(
                .invalidWorkflow, code: "InvalidFleet",
                "invalid file of targets: \(path) (\(count) \(count == 1 ? "problem" : "problems"))",
                hint: "fix the file and check it with slipway validate \(path)")
        }
        return fleet
    }

    /// What the selection reads of it. Throws `StepFailure` (65) with every problem when there is any, (64) for unknown
    /// waves and (78) for keys that are not set.
    func load(_ environment: [String: String], _ selection: FleetSelection = FleetSelection()) throws -> Fleet {
        let fleet: Fleet
        let whole = try self.fleet()
        do throws(FleetProblem) {
            fleet = try whole.reading(selection)
        } catch {
            throw StepFailure(error)
        }
        let missing = fleet.keyVariables.filter {
            environment.nonEmpty($0) == nil && environment.nonEmpty(StepKeyVariable.file($0)) == nil
        }.sorted()
        guard missing.isEmpty else {
            throw StepFailure(
                .configurationMissing, code: "KeysMissing",
                "key-env: environment \(missing.count == 1 ? "variable" : "variables") not set: "
                    + missing.joined(separator: ", "),
                hint: "set \(missing.count == 1 ? "it" : "them") to the API keys of these control planes")
        }
        return fleet
    }

    /// Its name in messages.
    var shownPath: String { path == "-" ? "<stdin>" : path }

    /// Nil for standard input.
    var absolutePath: String? { path == "-" ? nil : WorkingDirectory.absolute(path) }
}
