import ControlPlane
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports
import WorkflowModel

/// Ends a run: writes the reports, explains the result, prints it and returns the verdict.
struct RunFinisher: Sendable {
    let session: RunSession
    let summary: RunSummary
    let journal: String
    /// Its files give the reports their positions.
    let workflow: LoadedWorkflow
    /// Whether this process has printed the progress of the run.
    var hasPrintedProgress = true

    func finish(_ verdict: Verdict) -> Verdict {
        let ci = session.dependencies.ciContext(session.terminal.ci)
        let positions = workflow.positions(of: summary, environment)
        let failures = write(summary, positions, ci)
        let isCI = session.terminal.isCI(environment)
        let written = session.reports.named.map(\.path).filter { path in !failures.contains { $0.path == path } }
        let console = ConsoleSummary(
            summary, isFailureShown: isFailureShown, reports: written, journal: journal, note: note(summary),
            clean: TextSanitizer(escapesCICommands: isCI),
            resumeFlags: session.state.resumeFlags, connectionFlags: connectionFlags)
        let style = Style(
            choice: session.terminal.color, environment: environment, isTerminal: StandardError.isTerminal, isCI: isCI)
        let block = ClosingBlock(style: style, columns: StandardError.isTerminal ? StandardError.size().columns : nil)
        StandardError.write(block.rendered(console, verdict: verdict))
        if ci.provider == .github, session.dependencies.marksFailures {
            for line in GitHubAnnotations(summary, positions: positions).lines { StandardError.write(line + "\n") }
        }
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: session.terminal.color)
        for failure in failures { diagnostics.error(failure.message, hint: failure.hint) }
        print(summary, console)
        return failures.isEmpty || verdict != .success ? verdict : .reportNotWritten
    }

    /// Nothing if the environment selects the control plane, as it will for the next command.
    private var connectionFlags: String {
        let connection = session.connection
        if connection.isLocal { return " --control-plane local" + session.state.resumeFlags }
        guard connection.address.source == "--control-plane" else { return "" }
        return " --control-plane " + ShellWord.quoted(connection.address.baseURL)
    }

    /// Nil when the deployment keeps running.
    private func note(_ summary: RunSummary) -> String? {
        guard session.connection.endsWithCommand, summary.main.deployment?.url != nil else { return nil }
        return "the local control plane stops with this run, and the agent with it; run 'slipway serve' to keep both"
    }

    private var isFailureShown: Bool { hasPrintedProgress && session.terminal.logLevel != .warning }

    private var environment: [String: String] { session.dependencies.environment }

    private func write(
        _ summary: RunSummary, _ positions: [StepAddress: SourcePosition], _ ci: CIContext
    ) -> [ReportWriter.Failure] {
        let reports = RequestedReports(
            options: session.reports, writer: session.dependencies.reportWriter,
            stepFiles: GitHubStepFiles(environment: environment),
            positions: summary.runID.map { [$0: positions] } ?? [:],
            pipelineURL: ci.runURL)
        let failures = reports.write([summary])
        guard ci.provider == .github else { return failures }
        return failures + reports.writeStepFiles(summary, delimiter: session.dependencies.newDelimiter())
    }

    private func print(_ summary: RunSummary, _ console: ConsoleSummary) {
        switch session.reports.output {
        case .text:
            // On a terminal, standard error shows it already.
            if StandardOutput.isTerminal && StandardError.isTerminal { return }
            StandardOutput.write(console.result + "\n")
        case .json: StandardOutput.write(RequestedReports.json([summary]))
        case .jsonl: break
        }
    }
}
