import Engine
import FoundationEssentials
import Reports

/// The end of a run: reports, the explanation for people, the result on standard output, the exit code.
struct Closing: Sendable {
    let session: RunSession
    let log: EventLog
    let journal: String

    func conclude(_ verdict: Verdict) -> Verdict {
        let summary = RunSummary(events: log.events)
        let failures = session.dependencies.reportWriter.write(reports(summary))
        let isCI = session.terminal.isCI(session.dependencies.environment)
        let clean = UntrustedText(neutralisesCommands: isCI)
        let explanation = FailureExplanation(
            summary, reports: session.reports.paths.filter { path in !failures.contains { $0.path == path } },
            journal: journal, clean: clean)
        StandardError.write(explanation.text)
        if let farewell = farewell(summary) { StandardError.write(farewell) }
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: session.terminal.color)
        for failure in failures { diagnostics.error(failure.message, hint: failure.hint) }
        print(summary, explanation)
        return failures.isEmpty || verdict != .success ? verdict : .reportNotWritten
    }

    /// Nil when what serves goes on serving.
    private func farewell(_ summary: RunSummary) -> String? {
        guard session.connection.endsWithCommand, summary.deployment?.url != nil else { return nil }
        return "  note         the control plane of this run ends with it, and so does the agent; "
            + "'slipway serve' keeps both\n"
    }

    private func reports(_ summary: RunSummary) -> [ReportWriter.Report] {
        var reports: [ReportWriter.Report] = []
        if let path = session.reports.junit { reports.append(.init(path: path, text: JUnitReport([summary]).xml)) }
        if let path = session.reports.json, let text = jsonText(summary) {
            reports.append(.init(path: path, text: text))
        }
        return reports
    }

    /// Nil never happens for a summary, whose every field encodes.
    private func jsonText(_ summary: RunSummary) -> String? {
        try? JSONReport(summary).pretty()
    }

    private func print(_ summary: RunSummary, _ explanation: FailureExplanation) {
        switch session.reports.output {
        case .text:
            // On one screen it stands there already.
            if StandardOutput.isTerminal && StandardError.isTerminal { return }
            StandardOutput.write(explanation.headline + "\n")
        case .json: StandardOutput.write((jsonText(summary) ?? "{}") + "\n")
        case .jsonl: return
        }
    }
}
