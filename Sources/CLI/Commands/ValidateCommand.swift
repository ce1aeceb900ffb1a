import ArgumentParser
import Engine
import Fleet
import Redaction
import Reports
import Steps
import WorkflowModel

/// `slipway validate`
struct ValidateCommand: ParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check workflow files, files of targets and .slipway.yml, and report every problem.",
        discussion: Examples.text(
            "slipway validate deploy.yml .slipway.yml", "slipway validate deploy.yml rollback.yml --output json"))

    @Argument(
        help: "Workflow files, files of targets, or .slipway.yml; - for standard input.",
        completion: .file(extensions: ["yml", "yaml"]))
    var files: [String]

    @Option(help: ArgumentHelp("Output format; json is one array of problems.", valueName: "format"))
    var output: Form = .text

    func run() throws {
        let checked = files.map(CheckedFile.init)
        switch output {
        case .json: StandardOutput.write(try StableJSON.pretty(checked.flatMap(\.diagnostics)))
        case .text:
            // A file that cannot be read is reported by the error below.
            let blocks = checked.filter { $0.unreadable == nil }.flatMap(\.diagnostics).map(\.text)
            if !blocks.isEmpty { StandardOutput.write(blocks.joined(separator: "\n\n") + "\n") }
            // Standard output is for problems only.
            for file in checked where file.isSound { StandardError.write("ok: \(file.name)\n") }
        }
        if let failure = checked.lazy.compactMap(\.unreadable).first { throw failure }
        if checked.contains(where: { !$0.isSound }) { throw ExitCode(Verdict.invalidWorkflow.exitCode) }
    }
}

/// The problems of a workflow file or of `.slipway.yml`, or the error when it cannot be read.
private struct CheckedFile {
    let name: String
    var diagnostics: [Diagnostic]
    var isSound: Bool
    var unreadable: StepFailure?

    init(_ path: String) {
        name = path == "-" ? "<stdin>" : TextSanitizer(escapesCICommands: true).line(path)
        do throws(StepFailure) {
            let file = path.split(separator: "/").last.map(String.init)
            if file == ProjectSettings.misnamedFile {
                throw StepFailure(
                    .invalidWorkflow, code: "InvalidSettings", "\(name) is not read by any command",
                    hint: "rename it to \(ProjectSettings.fileName)")
            }
            if file == ProjectSettings.fileName {
                let checked = try SettingsLoader.check(path)
                (diagnostics, isSound) = (checked.diagnostics, checked.file != nil)
                return
            }
            let source = WorkflowSource(path: path)
            let text = try source.text()
            if FleetFile.isFleet(text) {
                let file = FleetFile(checking: text, file: FleetSource(path: path).shownPath)
                (diagnostics, isSound) = (file.diagnostics, file.fleet != nil)
            } else {
                let loaded = source.validate(text)
                (diagnostics, isSound) = (loaded.diagnostics, loaded.workflow != nil)
            }
        } catch {
            let start = SourcePosition(file: path, line: 1, column: 1)
            diagnostics = [Diagnostic(.unreadable, error.message, at: start, hint: error.hint)]
            (isSound, unreadable) = (false, error)
        }
    }
}
