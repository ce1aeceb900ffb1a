import ArgumentParser
import Engine
import FoundationEssentials
import Git
import WorkflowModel

/// `slipway run`
struct RunCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a workflow file.",
        discussion: """
            Deploy options set the workflow's inputs of the same name, and the inputs that its deploy steps leave \
            unset. --timeout limits the whole run.


            """
                + Examples.text(
                    "slipway run deploy.yml", "slipway run deploy.yml --input deployment=my-agent --job test"))

    @Argument(help: "Workflow file, or - for standard input.", completion: .file(extensions: ["yml", "yaml"]))
    var workflow: String

    @OptionGroup var inputs: InputOptions
    @OptionGroup(title: "Deploy options") var options: DeployOptions
    @OptionGroup var session: SessionOptions

    func validate() throws {
        let access = session.connection.access
        let readers = [workflow, inputs.inputFile, access.apiKeyStdin ? "-" : nil].filter { $0 == "-" }
        if readers.count > 1 {
            throw ValidationError("only one of the workflow, --input-file and --api-key-stdin can be standard input")
        }
    }

    func run() async throws {
        var loaded = try WorkflowSource(path: workflow).load()
        loaded.workflow = try loaded.workflow.restricted(to: inputs.job)
        let flags = try options.flags()
        let values = try inputs.values(for: loaded.workflow, flags)
        try await session.run(.real, isNeeded: loaded.reachesControlPlane) { [loaded] session in
            try await session.run(loaded, inputs: values, flags: flags, jobs: inputs.job)
        }
    }
}

extension Workflow {
    /// The named jobs and the jobs they need; the whole workflow when `names` is empty.
    ///
    /// Throws `StepFailure` (64) for an unknown job.
    func restricted(to names: [String]) throws -> Workflow {
        guard !names.isEmpty else { return self }
        var kept: Set<String> = []
        var rest = names
        while let name = rest.popLast() {
            guard let job = job(name) else {
                throw StepFailure(
                    .usage, code: "UnknownJob", "unknown job: \(name)",
                    hint: "use one of: \(jobs.map(\.id).joined(separator: ", "))")
            }
            if kept.insert(name).inserted { rest += job.needs }
        }
        var copy = self
        copy.jobs = jobs.filter { kept.contains($0.id) }
        return copy
    }
}
