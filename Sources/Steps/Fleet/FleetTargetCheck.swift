package import Engine
import Files
package import Fleet
import FoundationEssentials
import WorkflowModel

extension FleetFile {
    /// Reads and checks a file of targets, or standard input. Throws `StepFailure` (64) when it is unreadable.
    package static func read(_ path: String, shownAs name: String) throws(StepFailure) -> FleetFile {
        do throws(InputFile.Problem) {
            return FleetFile(checking: try InputFile().bytes(of: path), file: name)
        } catch {
            throw StepFailure(
                .usage, code: "FleetUnreadable", "cannot read the file of targets '\(path)': \(error.description)",
                hint: "check the path and permissions of the file")
        }
    }

    /// Also checks what the targets set for their deploys.
    package init(checking bytes: [UInt8], file: String) {
        self.init(bytes, file: file) { inputs in
            DeployInputs.problems(of: inputs).map { ($0.message, $0.hint?.namingKeys) }
        }
    }
}

/// Reads the files that targets name, so that one that is missing or wrong is known before the first change.
package struct FleetSettingsFiles {
    private let files = SettingsFiles()

    package init() {}

    /// Throws `StepFailure` (65) with every problem.
    package func check(_ targets: [FleetRollout.Target]) throws(StepFailure) {
        var problems: [(failure: StepFailure, targets: [String])] = []
        var places: [[String?]: Int?] = [:]
        for target in targets {
            let names = ["secrets", "secrets-file", "resource-spec"].map { target.inputs[$0]?.text }
            guard names != [nil, nil, nil] else { continue }
            if places[names] == nil {
                let failure = problem(names)
                places[names] = .some(failure == nil ? nil : problems.count)
                if let failure { problems.append((failure, [])) }
            }
            if case .some(.some(let place)) = places[names] { problems[place].targets.append(target.name) }
        }
        guard let first = problems.first else { return }
        throw StepFailure(
            .invalidWorkflow, code: "InvalidFleet",
            problems.map { "\(Self.list($0.targets)): \($0.failure.message)" }.joined(separator: "; "),
            hint: first.failure.hint?.namingKeys)
    }

    private func problem(_ names: [String?]) -> StepFailure? {
        do throws(StepFailure) {
            try RequestedSettings.check(mode: names[0], secretsFile: names[1], resourceSpec: names[2], files)
            return nil
        } catch {
            return error
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        let rest = names.count > 3 ? " and \(names.count - 3) more" : ""
        return "target\(names.count == 1 ? "" : "s") \(shown)\(rest)"
    }
}

extension String {
    /// A hint for the file: what are flags of a deploy are keys of a target.
    fileprivate var namingKeys: String { replacing("--", with: "") }
}
