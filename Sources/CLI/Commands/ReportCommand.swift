import ArgumentParser
import Engine
import FoundationEssentials
import Git
import Reports
import WorkflowModel

/// `slipway report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make the reports of runs again, from their journals; several journals make one report.",
        discussion: "Nothing is sent anywhere. The exit code is 0 when the reports were written, whatever they say.")

    @Argument(
        help: ArgumentHelp("Runs, or paths of journals. Default: the newest run.", valueName: "run-id|journal"),
        completion: .file(extensions: ["jsonl"]))
    var runs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where journals are kept. Default: SLIPWAY_STATE_DIR, XDG_STATE_HOME/slipway or ~/.local/state/slipway.",
            valueName: "dir"),
        completion: .directory)
    var stateDir: String?

    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions

    func run() throws {
        let dependencies = Dependencies.real
        let environment = dependencies.environment
        let named = try JournalLookup(state: StateFolder(flag: stateDir, environment: environment)).runs(runs)
        try ReportPreflight.check(reports, environment: environment)
        let summaries = named.map { RunSummary(events: $0.events) }
        let requested = RequestedReports(
            options: reports, writer: dependencies.reportWriter, stepFiles: StepFiles(environment: environment),
            positions: Self.positions(named, summaries, environment),
            pipelineURL: dependencies.ciContext(terminal.ci).runURL)
        let failures = requested.write(summaries)
        try print(named.map(\.events), summaries, isCI: terminal.isCI(environment))
        if let failure = failures.first {
            throw StepFailure(.reportNotWritten, code: "ReportNotWritten", failure.message, hint: failure.hint)
        }
    }

    /// By run, where its steps stand: known where the run's journal still has its workflow beside it.
    private static func positions(
        _ runs: [JournalLookup.Run], _ summaries: [RunSummary], _ environment: [String: String]
    ) -> [RunID: [StepAddress: SourcePosition]] {
        var positions: [RunID: [StepAddress: SourcePosition]] = [:]
        for (run, summary) in zip(runs, summaries) {
            let kept = run.folders.lazy.compactMap { WorkflowSnapshot(folder: $0).source }.first { $0.namesItsFiles }
            guard let id = summary.runID, let workflow = kept?.sound else { continue }
            positions[id] = workflow.positions(of: summary, environment)
        }
        return positions
    }

    private func print(_ events: [[RunEvent]], _ summaries: [RunSummary], isCI: Bool) throws {
        switch reports.output {
        case .text:
            let clean = TextSanitizer(escapesCICommands: isCI)
            StandardOutput.write(
                summaries.map { FailureExplanation($0, clean: clean).text }.joined(separator: "\n"))
        case .json: StandardOutput.write(RequestedReports.json(summaries))
        case .jsonl: StandardOutput.write(try events.joined().map { try EventLine.text(for: $0) + "\n" }.joined())
        }
    }
}
