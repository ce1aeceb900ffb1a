import Engine
import FoundationEssentials
import Git
import Redaction
import Reports
import WorkflowModel

/// The end of a run: reports, the explanation for people, the result on standard output, the exit code.
struct RunFinisher: Sendable {
    let session: RunSession
    let summary: RunSummary
    let journal: String
    /// Reports name the lines of its files, where it has any.
    let workflow: LoadedWorkflow

    func conclude(_ verdict: Verdict) -> Verdict {
        let ci = session.dependencies.ciContext(session.terminal.ci)
        let positions = workflow.positions(of: summary, environment)
        let failures = write(summary, positions, ci)
        let isCI = session.terminal.isCI(environment)
        let written = session.reports.named.map(\.path).filter { path in !failures.contains { $0.path == path } }
        let console = ConsoleSummary(
            summary, reports: written, journal: journal, clean: TextSanitizer(escapesCICommands: isCI),
            resumeFlags: session.connection.isLocal ? " --control-plane local" : "")
        let style = Style(
            choice: session.terminal.color, environment: environment, isTerminal: StandardError.isTerminal, isCI: isCI)
        let block = ClosingBlock(style: style, columns: StandardError.isTerminal ? StandardError.size().columns : nil)
        StandardError.write(block.rendered(console.text, verdict: verdict))
        if let farewell = farewell(summary) { StandardError.write(farewell) }
        if ci.provider == .github, session.dependencies.marksFailures {
            for line in GitHubAnnotations(summary, positions: positions).lines { StandardError.write(line + "\n") }
        }
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: session.terminal.color)
        for failure in failures { diagnostics.error(failure.message, hint: failure.hint) }
        print(summary, console)
        return failures.isEmpty || verdict != .success ? verdict : .reportNotWritten
    }

    /// Nil when what serves goes on serving.
    private func farewell(_ summary: RunSummary) -> String? {
        guard session.connection.endsWithCommand, summary.main.deployment?.url != nil else { return nil }
        return "  note         the control plane of this run ends with it, and so does the agent; "
            + "'slipway serve' keeps both\n"
    }

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
            // On one screen it stands there already.
            if StandardOutput.isTerminal && StandardError.isTerminal { return }
            StandardOutput.write(console.headline + "\n")
        case .json: StandardOutput.write(RequestedReports.json([summary]))
        case .jsonl: break
        }
    }
}
