import ArgumentParser
import Clocks
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports
import Steps

/// A command that writes reports.
protocol ReportingCommand: ParsableCommand {
    var session: SessionOptions { get }
}

/// The reports of a run that failed before it began, for example because of a missing key.
struct RefusedRun {
    let failure: StepFailure
    /// Set for a command that was cancelled before its run began.
    private(set) var signal: RunCancelled.Reason?
    let command: String
    let reports: ReportOptions
    let terminal: TerminalOptions
    let dependencies: Dependencies

    /// Nil when the run has ended, because its reports are written then.
    init?(_ error: any Error, of command: (any ParsableCommand)?, _ dependencies: Dependencies) {
        guard let command = command as? any ReportingCommand, !(error is ExitCode),
            let failure = StepFailure(explaining: error)
        else { return nil }
        self.failure = failure.redacted(
            by: Redactor(secrets: URLCredentials.ofProxies(in: dependencies.environment)))
        self.command = type(of: command).configuration.commandName ?? "slipway"
        reports = command.session.reports
        terminal = command.session.terminal
        self.dependencies = dependencies
    }

    /// Nil for a command without reports.
    init?(stoppedBy reason: RunCancelled.Reason, _ command: any ParsableCommand, _ dependencies: Dependencies) {
        let failure = StepFailure(
            reason.verdict, code: "Cancelled", "cancelled (\(reason.rawValue)) before the run began",
            hint: "nothing was changed; start it again")
        self.init(failure, of: command, dependencies)
        signal = reason
    }

    /// A report that cannot be written is left out: the error is printed anyway.
    func write() {
        let summary = RunSummary(events: events)
        if reports.output == .json { StandardOutput.write(RequestedReports.json([summary])) }
        guard (try? ReportPreflight.check(reports, environment: dependencies.environment)) != nil else { return }
        let ci = dependencies.ciContext(terminal.ci)
        let files = GitHubStepFiles(environment: dependencies.environment)
        let requested = RequestedReports(
            options: reports, writer: dependencies.reportWriter, stepFiles: files, pipelineURL: ci.runURL)
        _ = requested.write([summary])
        guard ci.provider == .github else { return }
        _ = requested.writeStepFiles(summary, delimiter: dependencies.newDelimiter())
        guard dependencies.marksFailures else { return }
        for line in GitHubAnnotations(summary).lines { StandardError.write(line + "\n") }
    }

    /// As the engine would have told it, had it been asked.
    private var events: [RunEvent] {
        let payloads: [(any EventPayload)?] = [
            RunStarted(workflow: command, toolName: "slipway", toolVersion: Version.current, inputs: [:]),
            signal.map { RunCancelled(signal: $0) },
            JobFinished(job: JobPath(command), result: failure.verdict.outcome, failure: failure),
            RunFinished(verdict: failure.verdict, durationMilliseconds: 0),
        ]
        let (run, date) = (dependencies.newRunID(), dependencies.clock.date)
        return payloads.compactMap(\.self).enumerated().map {
            RunEvent(sequence: $0 + 1, date: date, runID: run, payload: $1)
        }
    }
}
