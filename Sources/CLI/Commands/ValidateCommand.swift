import ArgumentParser
import Engine
import FoundationEssentials
import Reports
import Steps
import WorkflowModel

/// `slipway validate`
struct ValidateCommand: ParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Find every problem of workflow files at once; runs nothing.")

    @Argument(help: "Workflow files.", completion: .file(extensions: ["yml", "yaml"]))
    var files: [String]

    @Option(help: "How problems are printed: text, or json (one list of objects).")
    var output: Form = .text

    func run() throws {
        let checked = try files.map { try WorkflowSource(path: $0).validate() }
        let diagnostics = checked.flatMap(\.diagnostics)
        switch output {
        case .json: StandardOutput.write(try StableJSON.pretty(diagnostics))
        case .text:
            let blocks = diagnostics.map(\.text)
            if !blocks.isEmpty { StandardOutput.write(blocks.joined(separator: "\n\n") + "\n") }
        }
        if checked.contains(where: { $0.workflow == nil }) { throw ExitCode(Verdict.invalidWorkflow.exitCode) }
    }
}
