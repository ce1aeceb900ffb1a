import Clocks
import ControlPlane
import Engine
import FoundationEssentials
import Redaction
import Reports
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

/// Row 55 of docs/failures.md: every spelling of a secret, in everything that a run leaves behind or shows.
struct SecretSinksTests {
    private let folder: TemporaryFolder
    private let transcript = Transcript()

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: SecretSpellings.all)
    func `row 55: no spelling of a secret reaches a sink`(name: String, text: String) async throws {
        let sinks = try await sinks(text)
        for (sink, output) in sinks {
            #expect(output.contains("***"), "\(name) in \(sink): \(output)")
            let parts = SecretSpellings.visibleParts(of: text, in: output)
            #expect(parts.isEmpty, "\(name) in \(sink) shows \(parts): \(output)")
        }
    }

    private func sinks(_ text: String) async throws -> [(name: String, output: String)] {
        let path = folder.path + "/run/journal.jsonl"
        let summary = try run(text, journal: FileJournal(creating: path))
        return [
            ("journal", try String(contentsOfFile: path, encoding: .utf8)),
            ("JSON report", try JSONReport(summary).pretty()),
            ("JUnit", JUnitReport([summary]).xml),
            ("HTML", HTMLReport([summary]).page),
            ("job summary", MarkdownSummary([summary]).text()),
            ("annotations", GitHubAnnotations(summary).lines.joined(separator: "\n")),
            ("terminal", transcript.text),
            ("client error", try await clientError(text)),
            ("diagnostic", diagnostic(text)),
        ]
    }

    /// A run whose log, note, output and failure repeat the secret.
    private func run(_ text: String, journal: FileJournal) -> RunSummary {
        let collector = SummaryCollector()
        let log = EventLog(
            runID: RunScript.runID, clock: VirtualClock(), journal: journal,
            redactor: Redactor(secrets: [SecretSpellings.secret]), observers: [collector])
        let failure = StepFailure(
            .failed, code: "Broken", "cannot use \(text) here", hint: "replace \(text)", details: ["got \(text)"])
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        log.append(RunStarted(workflow: "deploy", toolName: "slipway", toolVersion: "1.0.0", inputs: [:]))
        log.append(JobStarted(job: "deploy"))
        log.append(StepStarted(job: "deploy", step: "try", name: "try \(text)", uses: "run", attempt: 1))
        log.append(Logged(job: "deploy", step: "try", stream: "output", lines: lines))
        log.append(Noted(job: "deploy", step: "try", level: .warning, message: "saw \(text)"))
        log.append(OutputRecorded(job: "deploy", step: "try", name: "value", value: .string(text)))
        log.append(
            StepFinished(
                job: "deploy", step: "try", attempt: 1, result: .failure, durationMilliseconds: 1, failure: failure))
        log.append(JobFinished(job: "deploy", result: .failure, failure: failure))
        log.append(RunFinished(verdict: .failed, durationMilliseconds: 1))
        show(log.events, collector.summary)
        return collector.summary
    }

    private func show(_ events: [RunEvent], _ summary: RunSummary) {
        let clean = TextSanitizer(escapesCICommands: true)
        var printer = ProgressPrinter(
            ProgressPrinter.Configuration(style: .plain, clean: clean, isVerbose: true, showsLogs: true),
            write: transcript.write)
        for event in events { printer.observe(event, now: MonotonicInstant(sinceStart: .zero)) }
        transcript.write(ConsoleSummary(summary, clean: clean).text, .text)
    }

    private func clientError(_ text: String) async throws -> String {
        let stub = StubTransport()
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test", source: "test"),
            credentials: try Credentials(apiKey: "key", source: "test"), transport: stub, clock: VirtualClock(),
            jitter: { 0 })
        let detail = String(decoding: try JSONEncoder().encode(["detail": text]), as: UTF8.self)
        stub.on(.post, "/v2/deployments", .json(detail, status: 422), .status(400, body: "no JSON: \(text)"))
        var messages: [String] = []
        for _ in 0..<2 {
            let error = await #expect(throws: ControlPlaneError.self) {
                _ = try await client.raw(
                    .post, path: "/v2/deployments", hiding: [SecretValue(SecretSpellings.secret)])
            }
            messages.append(error?.message ?? "")
        }
        return messages.joined(separator: "\n")
    }

    private func diagnostic(_ text: String) -> String {
        let transcript = Transcript()
        DiagnosticPrinter(
            style: .plain, redactor: Redactor(secrets: [SecretSpellings.secret]),
            clean: TextSanitizer(escapesCICommands: true), write: { transcript.write($0, .text) }
        ).error("cannot use \(text)", hint: "replace \(text)", details: [text])
        return transcript.text
    }
}
