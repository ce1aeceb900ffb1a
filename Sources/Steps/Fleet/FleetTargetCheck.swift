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
        let groups = Dictionary(grouping: targets.enumerated()) { FileNames($0.element.inputs) }
            .sorted { ($0.value.first?.offset ?? 0) < ($1.value.first?.offset ?? 0) }
        let problems = groups.compactMap { files, members in
            problem(files).map { (failure: $0, targets: members.map(\.element.name)) }
        }
        guard let first = problems.first else { return }
        throw StepFailure(
            .invalidWorkflow, code: "InvalidFleet",
            problems.map { "\(Self.list($0.targets)): \($0.failure.message)" }.joined(separator: "; "),
            hint: first.failure.hint?.namingKeys)
    }

    private func problem(_ names: FileNames) -> StepFailure? {
        do throws(StepFailure) {
            try RequestedSettings.check(
                mode: names.secrets, secretsFile: names.secretsFile, resourceSpec: names.resourceSpec, files)
            return nil
        } catch {
            return error
        }
    }

    private static func list(_ names: [String]) -> String {
        "target\(names.count == 1 ? "" : "s") " + names.map { "'\($0)'" }.listed(upTo: 3)
    }
}

/// What a target sets about its files.
private struct FileNames: Hashable {
    let secrets: String?
    let secretsFile: String?
    let resourceSpec: String?

    init(_ inputs: [String: Value]) {
        secrets = inputs["secrets"]?.text
        secretsFile = inputs["secrets-file"]?.text
        resourceSpec = inputs["resource-spec"]?.text
    }
}

extension String {
    /// A hint for the file: what are flags of a deploy are keys of a target.
    fileprivate var namingKeys: String { replacing("--", with: "") }
}
