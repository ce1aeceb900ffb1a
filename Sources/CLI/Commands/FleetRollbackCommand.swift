import ArgumentParser
import Engine
import Fleet
import Steps
import WorkflowModel

/// `slipway fleet rollback`
struct FleetRollbackCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Bring targets back to what they served before the newest run of a file.",
        discussion: Examples.text(
            "slipway fleet rollback targets.yml --wave 2 --reason \"bad prompt\" --yes",
            "slipway fleet rollback targets.yml --run 20300131120000-1a2b3c --yes"))

    @OptionGroup var file: FleetFileOption
    @OptionGroup var selection: FleetSelectionOptions

    @Option(help: ArgumentHelp("Run to undo. Default: the newest deploy of the file.", valueName: "id"))
    var run: String?

    @Option(help: ArgumentHelp("Reason, for the journal and the reports.", valueName: "text"))
    var reason: String?

    @Flag(name: [.long, .customShort("y")], help: "Do not ask for confirmation; required without a terminal.")
    var yes = false

    @OptionGroup var limit: FleetRateOption
    @OptionGroup var session: SessionOptions

    func validate() throws {
        if !yes && !RollbackPrompt.canAsk(Dependencies.real.environment) {
            throw ValidationError("not a terminal: pass --yes to confirm")
        }
    }

    func run() async throws {
        let dependencies = Dependencies.real
        let undo = try FleetUndo(
            runs: FleetRuns(state: session.state(dependencies)), file: file.source, run: run,
            selection: selection.selection,
            reason: reason)
        guard yes || FleetRollbackPrompt(undo: undo).ask() else {
            throw ExitCode(Verdict.interrupted.exitCode)
        }
        let diagnostics = StandardError.diagnostics(
            isCI: session.terminal.isCI(dependencies.environment), color: session.terminal.color)
        for line in undo.leftAlone where yes { diagnostics.warning(line) }
        var session = session
        session.connection.access = undo.access(session.connection.access)
        let fleet = FleetRun.rollback(undo.reversal)
        try await session.run(dependencies, isNeeded: fleet.needsConnectionOfRun, repository: { nil }) { session in
            try await session.run(LoadedWorkflow(fleet: fleet), inputs: [:], flags: RunFlags().with(rate: limit.rate))
        }
    }
}

/// Asks before many deployments are rolled back.
struct FleetRollbackPrompt: Sendable {
    let undo: FleetUndo

    func ask() -> Bool {
        let reversal = undo.reversal
        for wave in reversal.waves.reversed() where !wave.targets.isEmpty {
            StandardError.write("  \(wave.name)  \(wave.targets.map(\.name).listed())\n")
        }
        for line in undo.leftAlone { StandardError.write("  \(line)\n") }
        let count = reversal.waves.reduce(0) { $0 + $1.targets.count }
        StandardError.write("Roll back \(count) targets to what they served before run \(reversal.run)? [y/N] ")
        let answer = readLine()?.lowercased()
        if answer == "y" || answer == "yes" { return true }
        StandardError.write(RollbackPrompt.declined)
        return false
    }
}
