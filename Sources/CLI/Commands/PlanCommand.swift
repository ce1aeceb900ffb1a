import ArgumentParser
import ControlPlane
import Engine
import Redaction
import Reports
import Steps
import WorkflowModel

/// `slipway plan`
struct PlanCommand: AsyncParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what a deploy or a workflow file would change, without changing it.",
        discussion: Examples.text("slipway plan --deployment my-agent", "slipway plan deploy.yml --detailed-exitcode"))

    @Argument(
        help: "Workflow file. Default: the built-in deploy.", completion: .file(extensions: ["yml", "yaml"]))
    var workflow: String?

    @OptionGroup var inputs: InputOptions

    @Flag(help: "Exit with 2 if something would change, 0 if not.")
    var detailedExitcode = false

    @Option(help: ArgumentHelp("Output format.", valueName: "format"))
    var output: Form = .text

    @OptionGroup(title: "Deploy options") var options: DeployOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func run() async throws {
        let dependencies = Dependencies.real
        let changes: Bool
        if let workflow {
            changes = try await plan(WorkflowSource(path: workflow).load(), dependencies)
        } else {
            changes = try await planDeploy(dependencies)
        }
        if changes, detailedExitcode { throw ExitCode(Verdict.changesPending.exitCode) }
    }

    private func planDeploy(_ dependencies: Dependencies) async throws -> Bool {
        let settings = try dependencies.settings(connection.access)
        return try await reading(dependencies, isNeeded: true) { reader, plane in
            let preview = try await reader.deploy(
                try options.inputs(
                    environment: dependencies.environment, controlPlane: plane.address.baseURL,
                    localRepository: plane.repository, project: settings,
                    isEnvironmentFlagged: connection.access.environment != nil))
            StandardOutput.write(
                output == .json ? try PlanJSON(preview).text : PlanText(clean: clean(dependencies)).text(preview))
            return preview.changesSomething
        }
    }

    private func plan(_ loaded: LoadedWorkflow, _ dependencies: Dependencies) async throws -> Bool {
        var loaded = loaded
        loaded.workflow = try loaded.workflow.restricted(to: inputs.job)
        let flags = try options.flags()
        let values = try inputs.values(for: loaded.workflow, flags)
        return try await reading(dependencies, isNeeded: loaded.reachesControlPlane) { [loaded] reader, _ in
            let plan = try await reader.plan(loaded, values, flags)
            StandardOutput.write(
                output == .json ? try PlanJSON(plan).text : PlanText(clean: clean(dependencies)).text(plan))
            if let refusal = plan.refusal { throw refusal }
            return plan.changesSomething
        }
    }

    private func reading(
        _ dependencies: Dependencies, isNeeded: Bool, _ body: @Sendable (PlanReader, Connection) async throws -> Bool
    ) async throws -> Bool {
        try await Connection.with(
            connection, dependencies, isNeeded: isNeeded, isReadOnly: true, repository: RepositoryRoot.find
        ) { plane in
            let transports = try dependencies.transport(telling: terminal)
            defer { transports.plain.shutDown() }
            let reader = PlanReader(
                dependencies: dependencies, terminal: terminal, plane: plane, options: connection,
                transports: transports)
            return try await body(reader, plane)
        }
    }

    private func clean(_ dependencies: Dependencies) -> TextSanitizer {
        TextSanitizer(escapesCICommands: terminal.isCI(dependencies.environment))
    }
}
