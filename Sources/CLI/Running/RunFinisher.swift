import ControlPlane
import ControlPlaneTypes
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
        let reports = requestedReports(positions, ci)
        let isCI = session.terminal.isCI(environment)
        var failures = reports.writeForPeople([summary])
        print(ending(verdict, failures))
        // The JSON report says how the process ends, so it comes after what can still fail.
        StandardStreams.flush(abandonsResults: true)
        failures += reports.writeJSON([ending(verdict, failures)])
        failures += writeStepFiles(reports, ending(verdict, failures), ci)
        let written = session.reports.files.filter { path in !failures.contains { $0.path == path } }
        let notes = ClosingNotes(local: session.local, planeEnd: session.connection.end)
            .notes(ending(verdict, failures))
        let console = console(summary, reports: written, notes: notes)
        let style = Style(
            choice: session.terminal.color, environment: environment, isTerminal: StandardError.isTerminal, isCI: isCI)
        let block = ClosingBlock(
            style: style, columns: StandardError.isTerminal && !isCI ? StandardError.size().columns : nil)
        StandardError.write(block.rendered(console, verdict: verdict))
        if ci.provider == .github, session.dependencies.marksFailures {
            for line in GitHubAnnotations(summary, positions: positions).lines { StandardError.write(line + "\n") }
        }
        let diagnostics = StandardError.diagnostics(isCI: isCI, color: session.terminal.color)
        for failure in failures { diagnostics.error(failure.message, hint: failure.hint) }
        printGuide(ended(verdict, failures))
        if StandardOutput.hasFailed { diagnostics.error(.outputNotWritten) }
        return ended(verdict, failures)
    }

    /// Shares the records of what the run changed, after everything that depends on the verdict. It never fails the run.
    ///
    /// - Parameter folder: in the clone that has the git notes.
    func shareRecords(from folder: String = FileManager.default.currentDirectoryPath) async {
        guard session.records == .notes else { return }
        let diagnostics = StandardError.diagnostics(
            isCI: session.terminal.isCI(environment), color: session.terminal.color)
        await RecordSharing(folder: folder, clock: session.dependencies.clock)
            .share(summary, diagnostics)
    }

    /// How the process ends.
    private func ended(_ verdict: Verdict, _ failures: [ReportWriter.Failure]) -> Verdict {
        let isComplete = failures.isEmpty && !StandardOutput.hasFailed
        return isComplete || verdict != .success ? verdict : .reportNotWritten
    }

    private func ending(_ verdict: Verdict, _ failures: [ReportWriter.Failure]) -> RunSummary {
        let ended = ended(verdict, failures)
        return ended == verdict ? summary : summary.ending(as: ended)
    }

    private func console(_ summary: RunSummary, reports: [String] = [], notes: [String] = []) -> ConsoleSummary {
        ConsoleSummary(
            summary, isFailureShown: isFailureShown, reports: reports, journal: journal, notes: notes,
            clean: TextSanitizer(escapesCICommands: session.terminal.isCI(environment)),
            resumeFlags: session.state.resumeFlags)
    }

    /// How to use an agent on this machine, for a person who has just deployed it.
    private func printGuide(_ verdict: Verdict) {
        guard verdict == .success, let local = session.local, local.staysUp || !session.connection.endsWithCommand,
            StandardError.isTerminal, let url = summary.main.deployment?.url
        else { return }
        for line in local.guide(url: url) { StandardError.write(line + "\n") }
    }

    private var isFailureShown: Bool { hasPrintedProgress && session.terminal.logLevel != .warning }

    private var environment: [String: String] { session.dependencies.environment }

    private func requestedReports(_ positions: [StepAddress: SourcePosition], _ ci: CIContext) -> RequestedReports {
        RequestedReports(
            options: session.reports, writer: session.dependencies.reportWriter,
            stepFiles: GitHubStepFiles(environment: environment),
            positions: summary.runID.map { [$0: positions] } ?? [:],
            pipelineURL: ci.runURL)
    }

    private func writeStepFiles(
        _ reports: RequestedReports, _ summary: RunSummary, _ ci: CIContext
    ) -> [ReportWriter.Failure] {
        guard ci.provider == .github else { return [] }
        return reports.writeStepFiles(summary, delimiter: session.dependencies.newDelimiter())
    }

    private func print(_ summary: RunSummary) {
        switch session.reports.output {
        case .text:
            // The closing block on standard error begins with it.
            if StandardStreams.isOnePlace || session.reports.onStandardOutput != nil {
                return
            }
            StandardOutput.write(console(summary).result + "\n")
        case .json: StandardOutput.write(RequestedReports.json([summary]))
        case .jsonl: break
        }
    }
}

/// What else there is to know when a run on the local control plane has ended.
struct ClosingNotes {
    let local: LocalDeploy?
    let planeEnd: Connection.End

    /// One a line; `summary` has the verdict that the process ends with.
    func notes(_ summary: RunSummary) -> [String] {
        [variables(summary), end(summary)].compactMap(\.self)
    }

    private func variables(_ summary: RunSummary) -> String? {
        guard let command = local?.commandWithVariables,
            summary.main.revision?.timeline.last?.status == .deployFailed
        else { return nil }
        return "the agent started without the variables of its env file: run \(command)"
    }

    private func end(_ summary: RunSummary) -> String? {
        guard summary.rollouts.contains(where: { $0.deployment != nil }) else { return nil }
        switch planeEnd {
        case .never: return nil
        case .withThisCommand where local?.staysUp == true && summary.verdict == .success: return nil
        case .withThisCommand: return stops("this run")
        case .withOtherCommand: return stops("the command that started it")
        }
    }

    private func stops(_ cause: String) -> String {
        "the local control plane stops with \(cause), and the agent with it; run 'slipway serve' to keep both"
    }
}
