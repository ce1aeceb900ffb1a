import ArgumentParser
import Engine
import Reports
import Steps
import WorkflowModel

/// `slipway validate`
struct ValidateCommand: ParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check workflow files and report every problem.",
        discussion: Examples.text(
            "slipway validate deploy.yml", "slipway validate deploy.yml rollback.yml --output json"))

    @Argument(help: "Workflow files; - for standard input.", completion: .file(extensions: ["yml", "yaml"]))
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
        }
        if let failure = checked.lazy.compactMap(\.unreadable).first { throw failure }
        if checked.contains(where: { !$0.isSound }) { throw ExitCode(Verdict.invalidWorkflow.exitCode) }
    }
}

/// The problems of a workflow file, or the error when it cannot be read.
private struct CheckedFile {
    var diagnostics: [Diagnostic]
    var isSound: Bool
    var unreadable: StepFailure?

    init(_ path: String) {
        do throws(StepFailure) {
            let loaded = try WorkflowSource(path: path).validate()
            (diagnostics, isSound) = (loaded.diagnostics, loaded.workflow != nil)
        } catch {
            let start = SourcePosition(file: path, line: 1, column: 1)
            diagnostics = [Diagnostic(.unreadable, error.message, at: start, hint: error.hint)]
            (isSound, unreadable) = (false, error)
        }
    }
}
