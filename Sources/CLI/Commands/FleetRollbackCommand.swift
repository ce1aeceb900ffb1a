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
        let reversal = try reversal(in: session.state(.real))
        guard yes || FleetRollbackPrompt(reversal: reversal).ask() else {
            throw ExitCode(Verdict.interrupted.exitCode)
        }
        let fleet = FleetRun.rollback(reversal)
        try await session.run(.real, isNeeded: fleet.needsConnectionOfRun, repository: { nil }) { session in
            try await session.run(LoadedWorkflow(fleet: fleet), inputs: [:], flags: RunFlags().with(rate: limit.rate))
        }
    }

    /// Throws `StepFailure` (64) when there is nothing to undo.
    private func reversal(in state: StatePaths) throws -> FleetReversal {
        guard run != nil || file.source.absolutePath != nil else {
            throw StepFailure(
                .usage, code: "UnknownRun", "standard input has no name by which a run could be found",
                hint: "name the run to undo with --run")
        }
        let runs = FleetRuns(state: state).runs(of: file.source.absolutePath)
        let deploys = runs.compactMap { entry -> (RunID, FleetRollout)? in
            if case .deploy(let rollout) = entry.fleet { (entry.id, rollout) } else { nil }
        }
        guard let (id, rollout) = deploys.first(where: { run == nil || $0.0.rawValue == run }) else {
            throw StepFailure(
                .usage, code: "UnknownRun",
                run.map { "no deploy of \(file.file) has the id \($0)" }
                    ?? "no deploy of \(file.file) found in \(state.path)",
                hint: "pass --state-dir, or roll a deployment back with slipway rollback NAME")
        }
        let selected: FleetRollout
        do throws(FleetProblem) {
            selected = try rollout.selecting(selection.selection)
        } catch {
            throw StepFailure(error)
        }
        let changes = FleetChanges(events: try JournaledRun(id, in: state).events)
        let reversal = FleetReversal(
            name: rollout.name, file: rollout.file, run: id.rawValue,
            reason: reason ?? "rollback of run \(id)",
            waves: selected.waves.map { wave in
                FleetReversal.Wave(
                    name: wave.name, maxParallel: wave.maxParallel,
                    targets: wave.targets.compactMap { changes.change(of: $0, in: wave.name) })
            })
        guard reversal.waves.contains(where: { !$0.targets.isEmpty }) else {
            throw StepFailure(
                .usage, code: "NothingToRollBack", "nothing to roll back: run \(id) changed none of these targets",
                hint: "name another run with --run")
        }
        return reversal
    }
}

/// Asks before many deployments are rolled back.
struct FleetRollbackPrompt: Sendable {
    let reversal: FleetReversal

    func ask() -> Bool {
        for wave in reversal.waves.reversed() where !wave.targets.isEmpty {
            let names = wave.targets.prefix(10).map(\.name).joined(separator: ", ")
            let more = wave.targets.count > 10 ? " and \(wave.targets.count - 10) more" : ""
            StandardError.write("  \(wave.name)  \(names)\(more)\n")
        }
        let count = reversal.waves.reduce(0) { $0 + $1.targets.count }
        StandardError.write("Roll back \(count) targets to what they served before run \(reversal.run)? [y/N] ")
        let answer = readLine()?.lowercased()
        if answer == "y" || answer == "yes" { return true }
        StandardError.write(RollbackPrompt.declined)
        return false
    }
}

/// What a run of a fleet changed, from its journal.
struct FleetChanges: Sendable {
    /// By job: the outputs of its steps, also of those of the workflow that a step used.
    private var outputs: [String: [String: Value]] = [:]

    init(events: [RunEvent]) {
        for event in events {
            switch event.payload {
            case let output as OutputRecorded where output.value != .null:
                guard let name = Self.name(of: output) else { continue }
                outputs[output.job.outermost.text, default: [:]][name] = output.value
            case let intent as EffectIntended: outputs[intent.job.outermost.text, default: [:]]["changed"] = true
            default: continue
            }
        }
    }

    /// The steps name the revisions as soon as they know them; the whole deploy does when it ends.
    private static func name(of output: OutputRecorded) -> String? {
        switch (output.step, output.name) {
        case ("preflight", "revision-id"): nil
        case ("rollback", "revision-id"): "rolled-back-to"
        default: output.name
        }
    }

    /// Nil for a target without a change, and for one that its own deploy rolled back.
    func change(of target: FleetRollout.Target, in wave: String) -> FleetReversal.Target? {
        let job = "\(FleetWorkflow.job(of: wave)) (\(target.name))"
        guard let outputs = outputs[job], outputs["changed"] == true, outputs["rolled-back-to"] == nil,
            let revision = outputs["revision-id"]?.string,
            let deployment = outputs["deployment-id"]?.string ?? target.deploymentID
        else { return nil }
        let previous = outputs["previous-revision-id"]?.string ?? target.activeRevisionID
        return FleetReversal.Target(
            name: target.name, connection: target.connection, deploymentID: deployment, revisionID: revision,
            previousRevisionID: previous)
    }
}
