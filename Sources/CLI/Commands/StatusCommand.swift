import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports
import Steps

/// `slipway status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the live revision and commit of deployments, and what is in progress.",
        discussion: Examples.text(
            "slipway status my-agent --output json", "slipway status --all --detailed-exitcode"))

    @Argument(help: "Deployment name or ID. Default: LANGSMITH_DEPLOYMENT_NAME, that of .slipway.yml, or all.")
    var deployment: String?

    @Flag(help: "Show every deployment on one line, with what drifted, in few requests.")
    var all = false

    @Flag(help: "With --all: exit with 2 if a deployment drifted, 0 if none did.")
    var detailedExitcode = false

    @Flag(help: "With --all: only the deployments of this repository.")
    var repository = false

    @Flag(help: "With --all: fetch the branches and the records of the remote first.")
    var fetch = false

    @Option(help: ArgumentHelp("Output format.", valueName: "format"))
    var output: ReportOptions.Output = .text

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup(title: "Terminal output") var terminal: TerminalOptions

    func validate() throws {
        if all, deployment != nil { throw ValidationError("--all shows every deployment: omit the name, or --all") }
        let flags = [("--detailed-exitcode", detailedExitcode), ("--repository", repository), ("--fetch", fetch)]
        if !all, let flag = flags.first(where: \.1) { throw ValidationError("\(flag.0) requires --all") }
    }

    func run() async throws {
        let dependencies = Dependencies.real
        if all { return try await showAll(dependencies) }
        let name = try dependencies.deployment(flag: deployment, connection.access)
        try await Connection.with(connection, dependencies, isReadOnly: true) { plane in
            let transports = try dependencies.transport(telling: terminal)
            defer { transports.plain.shutDown() }
            let client = plane.client(transports, dependencies)
            let state = StatePaths(flag: connection.state.stateDir, environment: dependencies.environment)
            let records = dependencies.records(state)
            let snapshots = try await Self.read(name, client, records.revisions)
            let uploads = UploadIndex(path: state.uploads).entries()
            let shown: [Revision] = snapshots.flatMap { snapshot in
                [snapshot.active, snapshot.revisions.first].compactMap(\.self)
                    + snapshot.revisions.filter(\.status.isInProgress)
            }
            let commits: [String?] = shown.map { $0.builtCommit(uploads: uploads) }
            let text = await RevisionText.reading(commits, now: dependencies.clock.date)
            let changes = await records.changes(of: snapshots)
            let report = StatusReport(
                snapshots: snapshots, revisionText: text, uploads: uploads, changes: changes)
            let clean = TextSanitizer(escapesCICommands: terminal.isCI(dependencies.environment))
            StandardOutput.write(output == .text ? report.text(clean) : try report.json())
            if let gap = changes.gap {
                StandardError.diagnostics(isCI: terminal.isCI(dependencies.environment), color: terminal.color)
                    .warning(gap, hint: RecordLookup.Notes.gapHint)
            }
        }
    }

    private func showAll(_ dependencies: Dependencies) async throws {
        let hasDrifted = try await Connection.with(connection, dependencies, isReadOnly: true) { plane in
            let transports = try dependencies.transport(telling: terminal)
            defer { transports.plain.shutDown() }
            let loader = OverviewLoader(
                state: StatePaths(flag: connection.state.stateDir, environment: dependencies.environment),
                folder: FileManager.default.currentDirectoryPath, clock: dependencies.clock, fetches: fetch,
                isOfRepositoryOnly: repository,
                ownNames: Set(try dependencies.settings(connection.access).deployments.keys))
            let (overview, problems) = try await loader.load(plane.client(transports, dependencies))
            try printAll(overview.deployments, problems, dependencies)
            return overview.deployments.contains(where: \.hasDrifted)
        }
        if detailedExitcode, hasDrifted { throw ExitCode(Verdict.changesPending.exitCode) }
    }

    private func printAll(
        _ deployments: [DeploymentOverview], _ problems: [OverviewLoader.Problem], _ dependencies: Dependencies
    ) throws {
        let isCI = terminal.isCI(dependencies.environment)
        let isTerminal = StandardOutput.isTerminal
        let report = OverviewReport(
            deployments, now: dependencies.clock.date,
            style: Style(
                choice: terminal.color, environment: dependencies.environment, isTerminal: isTerminal, isCI: isCI),
            width: isTerminal ? StandardOutput.width() : nil, clean: TextSanitizer(escapesCICommands: isCI))
        StandardOutput.write(output == .text ? report.text : try OverviewJSON.text(deployments))
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: terminal.color)
        for problem in problems { diagnostics.warning(problem.message, hint: problem.hint) }
    }

    private static func read(
        _ name: String?, _ client: ControlPlaneClient, _ records: RevisionRecords
    ) async throws -> [DeploymentSnapshot] {
        if let name {
            return [try await RollbackCandidates.read(deployment: name, client: client, records: records).snapshot]
        }
        var snapshots: [DeploymentSnapshot] = []
        for deployment in try await client.allDeployments() where !deployment.status.isBeingDeleted {
            snapshots.append(
                try await RollbackCandidates.read(
                    deployment: deployment.id.rawValue, client: client, records: records
                ).snapshot)
        }
        return snapshots
    }
}
