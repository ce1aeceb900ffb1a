import ArgumentParser
import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Glibc
import History
import Reports
import Steps
import WorkflowModel

/// `slipway rollback`
struct RollbackCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Roll back to the last deployed revision before the live one, or to a given revision.",
        discussion: Examples.text(
            "slipway rollback my-agent", "slipway rollback my-agent --to 4f2a91c0 --reason \"bad prompt\" --yes"))

    @Argument(help: "Deployment name or ID. Default: that of --environment.")
    var deployment: String?

    @Option(
        help: ArgumentHelp("Revision to roll back to, by its ID or a prefix of it.", valueName: "revision"))
    var to: String?

    @Option(help: ArgumentHelp("Reason, for the journal and the reports.", valueName: "text"))
    var reason: String?

    @Flag(name: [.long, .customShort("y")], help: "Do not ask for confirmation; required without a terminal.")
    var yes = false

    @Flag(help: "Print the revisions to choose from as JSON, and change nothing.")
    var candidates = false

    @Option(
        help: ArgumentHelp(
            "Roll back only while this revision is live, by its ID or a prefix of it; with --yes.",
            valueName: "revision"))
    var ifLive: String?

    @Flag(help: "Roll back even if a newer revision is in progress.")
    var force = false

    @Option(
        help: ArgumentHelp("Overall rollback timeout. Default: 30m.", valueName: "duration"),
        transform: DurationArgument.parse)
    var timeout = DurationArgument.thirtyMinutes

    @Option(
        help: ArgumentHelp("Fixed interval between polls. Default: adaptive.", valueName: "duration"),
        transform: DurationArgument.parse)
    var pollInterval: DurationArgument?

    @Option(help: ArgumentHelp("Path that must answer 2xx after the rollback; repeatable.", valueName: "path"))
    var smoke: [String] = []

    @OptionGroup var session: SessionOptions

    func validate() throws {
        if !yes && !candidates && !RollbackPrompt.canAsk(Dependencies.real.environment) {
            throw ValidationError("not a terminal: pass --yes to confirm")
        }
        if let ifLive, ifLive.isEmpty || !ifLive.allSatisfy({ $0.isHexDigit || $0 == "-" }) {
            throw ValidationError("invalid revision for --if-live: '\(ifLive)'; pass its ID or a prefix of it")
        }
    }

    func run() async throws {
        let dependencies = Dependencies.real
        let settings = try dependencies.settings(session.connection.access)
        let name = try name(settings, dependencies.environment)
        if settings.record(flag: session.records.record).value == .notes { await fetchRecords(dependencies) }
        if candidates { return try await printCandidates(name, dependencies) }
        let rule = ChangeReason(for: [name], "to roll back", settings)
        let given = try rule.given(reason, canAsk: !yes)
        try await session.run(dependencies, repository: { nil }) { session in
            guard let confirmed = try await confirm(name, session.connection, dependencies) else { return .interrupted }
            let reason = yes || given != nil ? given : try rule.ask(RollbackPrompt.answer)
            var inputs = inputs(name, confirmed, session.connection)
            inputs["reason"] = Value(reason)
            inputs["smoke"] = .string(settings.smoke(flags: smoke).joined(separator: "\n"))
            let bounded = try JobDeadline.bounding(
                inputs, environment: dependencies.environment, now: dependencies.clock.date)
            return try await session.run(LoadedWorkflow(builtIn: try BuiltinWorkflows.rollback()), inputs: bounded)
        }
    }

    /// What others rolled back is not chosen again, wherever they did it.
    private func fetchRecords(_ dependencies: Dependencies) async {
        guard let problem = await dependencies.records(session.state(dependencies)).fetchNotes() else { return }
        StandardError.diagnostics(isCI: session.terminal.isCI(dependencies.environment), color: session.terminal.color)
            .warning(
                "cannot fetch the records in git notes: \(problem)",
                hint: "what others rolled back may be proposed; compare with slipway status")
    }

    /// Only a name that was given, or an environment that was selected, may be rolled back.
    private func name(_ settings: ProjectSettings, _ variables: [String: String]) throws(StepFailure) -> String {
        if let deployment { return deployment }
        if settings.environment != nil,
            let deployment = try settings.deployment(
                flag: nil, variables: variables, isEnvironmentFlagged: true)
        {
            return deployment.value
        }
        throw StepFailure(
            .usage, code: "MissingDeployment", "missing deployment to roll back",
            hint: "run slipway rollback NAME, or select an environment of .slipway.yml with --environment")
    }

    private func confirm(
        _ deployment: String, _ plane: Connection, _ dependencies: Dependencies
    ) async throws -> RollbackPrompt.Selection? {
        if yes { return RollbackPrompt.Selection(to: to, active: ifLive) }
        let (candidates, uploads) = try await read(deployment, plane, dependencies)
        return try await RollbackPrompt(
            candidates: candidates, now: dependencies.clock.date, uploads: uploads,
            changes: await changes(of: candidates, dependencies)
        ).ask(to: to)
    }

    private func printCandidates(_ deployment: String, _ dependencies: Dependencies) async throws {
        try await Connection.with(session.connection, dependencies, isReadOnly: true) { plane in
            let (candidates, uploads) = try await read(deployment, plane, dependencies)
            let report = RollbackCandidatesReport(
                candidates: candidates, uploads: uploads, now: dependencies.clock.date,
                changes: await changes(of: candidates, dependencies))
            StandardOutput.write(try await report.json())
        }
    }

    private func changes(of candidates: RollbackCandidates, _ dependencies: Dependencies) async -> RecordedChanges {
        let snapshot = candidates.snapshot
        return await dependencies.records(session.state(dependencies)).changes(of: [snapshot])[snapshot.deployment.id]
    }

    private func read(
        _ deployment: String, _ plane: Connection, _ dependencies: Dependencies
    ) async throws -> (RollbackCandidates, UploadIndex.Entries) {
        let transports = try dependencies.transport(telling: session.terminal)
        defer { transports.plain.shutDown() }
        let state = session.state(dependencies)
        let candidates = try await RollbackCandidates.read(
            deployment: deployment, revision: to, client: plane.client(transports, dependencies),
            records: dependencies.records(state).revisions)
        return (candidates, UploadIndex(path: state.uploads).entries())
    }

    private func inputs(
        _ deployment: String, _ confirmed: RollbackPrompt.Selection, _ plane: Connection
    ) -> [String: Value] {
        [
            "deployment": .string(deployment), "control-plane": .string(plane.address.baseURL),
            "to": Value(confirmed.to), "expected-active": Value(confirmed.active),
            "force": .bool(force), "timeout": .string(timeout.text), "poll-interval": Value(pollInterval?.text),
        ]
    }
}
