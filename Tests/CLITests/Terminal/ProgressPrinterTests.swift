import Clocks
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports
import TestSupport
import Testing

@testable import CLI

struct ProgressPrinterTests {
    private let transcript = Transcript()

    private func printer(
        width: Int? = nil, isVerbose: Bool = false, showsLogs: Bool = false, hasSeveralJobs: Bool = false,
        in provider: CIProvider? = nil
    ) -> ProgressPrinter {
        var terminal: (@Sendable () -> TerminalSize)?
        if let width { terminal = { TerminalSize(columns: width, rows: 24) } }
        return ProgressPrinter(
            ProgressPrinter.Configuration(
                style: Style(usesColor: false, usesUnicode: true),
                clean: TextSanitizer(escapesCICommands: provider != nil), terminal: terminal, isVerbose: isVerbose,
                showsLogs: showsLogs, hasSeveralJobs: hasSeveralJobs, grouping: provider.map { ($0, { "token" }) }),
            write: transcript.write)
    }

    private func instant(of event: RunEvent) -> MonotonicInstant {
        MonotonicInstant(sinceStart: .seconds(event.date.timeIntervalSince(RunScript.start)))
    }

    /// Shows all events at their times, with a tick every `pause` between them.
    private func play(_ script: RunScript, on printer: inout ProgressPrinter, tickEvery pause: Duration? = nil) {
        var now = MonotonicInstant(sinceStart: .zero)
        for event in script.events {
            let next = instant(of: event)
            while let pause, now.advanced(by: pause) < next {
                now = now.advanced(by: pause)
                printer.tick(now: now)
            }
            now = next
            printer.observe(event, now: now)
        }
    }

    @Test func `off a terminal each change is a plain line with its time`() {
        var printer = printer()
        play(.failedAndRolledBack, on: &printer)
        #expect(
            transcript.text == """
                12:00:00 run 20260301T120000Z-4f2a, workflow 'deploy'
                12:00:00 the step commit…
                12:00:00 commit 3f2a1bc (main) Answer faster
                12:00:00 ✓ the step commit 0.0s
                12:00:00 the step create…
                12:00:00 deployment my-agent https://my-agent.example.com
                12:00:01 revision 4f2a6c1e… QUEUED (0.0s)
                12:00:02 ✓ the step create 2.0s
                12:00:02 the step wait…
                12:00:14 revision 4f2a6c1e… BUILDING (13s)
                12:00:44 ✗ revision 4f2a6c1e… BUILD_FAILED (43s)
                12:00:45 ✗ the step wait 43s: revision 4f2a6c1e-0000-4000-8000-000000000002 ended in BUILD_FAILED
                12:00:45 the step rollback…
                12:00:45 rolling back to revision 1b7d9e30…
                12:00:46 rollback revision 77aa0b5c… QUEUED (0.0s)
                12:00:49 rollback revision 77aa0b5c… DEPLOYING (3.0s)
                12:00:58 ✓ rollback revision 77aa0b5c… DEPLOYED (12s)
                12:00:58 ✓ rollback to revision 1b7d9e30…
                12:00:59 ✓ the step rollback 14s

                """)
    }

    @Test func `off a terminal nothing is ever drawn over`() {
        var printer = printer()
        play(.deployed, on: &printer, tickEvery: .milliseconds(100))
        #expect(!transcript.text.contains("\u{1B}"))
        #expect(!transcript.text.contains("\r"))
    }

    @Test func `off a terminal half a minute of silence brings a reminder`() {
        var printer = printer()
        play(.cutOff, on: &printer)
        let before = transcript.lines.count
        let end = MonotonicInstant(sinceStart: RunScript.cutOff.elapsed)
        for second in 1...95 { printer.tick(now: end.advanced(by: .seconds(second))) }
        #expect(
            transcript.lines.dropFirst(before) == [
                "12:00:49 revision 4f2a6c1e… still BUILDING (48s)",
                "12:01:19 revision 4f2a6c1e… still BUILDING (1m18s)",
                "12:01:49 revision 4f2a6c1e… still BUILDING (1m48s)",
            ])
    }

    @Test func `a run that ended needs no reminder`() {
        var printer = printer()
        play(.deployed, on: &printer)
        let before = transcript.pieces.count
        printer.tick(now: MonotonicInstant(sinceStart: .seconds(10_000)))
        #expect(transcript.pieces.count == before)
    }

    @Test func `on a terminal one line lives, and a phase that ends leaves one that stays`() {
        var printer = printer(width: 60)
        play(.deployed, on: &printer, tickEvery: .milliseconds(50))
        printer.close(now: MonotonicInstant(sinceStart: RunScript.deployed.elapsed))

        #expect(transcript.text.contains("⠋ revision 4f2a6c1e… BUILDING 15s"))
        let screen = TerminalEmulator(showing: transcript.text)
        #expect(
            screen.lines == [
                "run 20260301T120000Z-4f2a, workflow 'deploy'", "commit 3f2a1bc (main) Answer faster",
                "✓ the step commit 0.0s", "deployment my-agent https://my-agent.example.com",
                "✓ the step create 2.0s", "  revision 4f2a6c1e… QUEUED 11s", "  revision 4f2a6c1e… BUILDING 30s",
                "  revision 4f2a6c1e… AWAITING_DEPLOY 2.0s", "  revision 4f2a6c1e… DEPLOYING 20s",
                "✓ revision 4f2a6c1e… DEPLOYED 1m03s", "✓ the step wait 1m02s", "✓ the step smoke 0.8s",
                "",
            ])
    }

    @Test func `on a terminal a living line is drawn at most ten times a second`() {
        var printer = printer(width: 60)
        play(.cutOff, on: &printer, tickEvery: .milliseconds(10))
        let draws = transcript.text.split(separator: "\r\u{1B}[2K").count
        #expect(draws <= 19 * 10 + transcript.lines.count)
    }

    @Test(arguments: [1, 4, 12, 30])
    func `a living line fits a narrow terminal`(width: Int) {
        var printer = printer(width: width)
        printer.observe(
            .init(
                sequence: 1, date: RunScript.start, runID: RunScript.runID,
                payload: StepStarted(job: "j", step: "s", name: "日本語のステップ名 🚀", uses: "test", attempt: 1)),
            now: MonotonicInstant(sinceStart: .zero))
        #expect(transcript.text.columns <= max(width - 1, 1))
    }

    @Test func `logs and debug notes are shown to those who want them`() {
        var quiet = printer()
        play(.failedAndRolledBack, on: &quiet)
        #expect(!transcript.text.contains("pip install"))
        var verbose = printer(isVerbose: true)
        play(.failedAndRolledBack, on: &verbose)
        #expect(transcript.text.contains("| Step 3/9 : RUN pip install ."))
    }

    @Test func `remote text reaches neither the terminal nor CI as a command`() {
        var printer = printer(isVerbose: true, in: .gitlab)
        var script = RunScript.cutOff
        script.log(["\u{1B}]0;title\u{07}::error::x", "##[error]y"], in: "wait")
        script.add(Noted(job: "deploy", step: "wait", level: .warning, message: "a\r\nb\u{1B}[2J"))
        play(script, on: &printer)
        #expect(transcript.text.filter { $0 == "\u{1B}" }.count == 4)
        #expect(!transcript.text.contains("##["))
        #expect(transcript.lines.last?.hasSuffix("warning: a  b") == true)
    }

    @Test func `steps of several jobs carry their jobs' names, a line each`() {
        var printer = printer(width: 60)
        var script = RunScript()
        for job: JobPath in ["eu", "us"] {
            script.add(JobStarted(job: job))
            script.start("wait", in: job)
        }
        script.start("x", in: "us")
        play(script, on: &printer)
        printer.tick(now: MonotonicInstant(sinceStart: .seconds(2)))
        let screen = TerminalEmulator(showing: transcript.text)
        #expect(
            screen.lines.map { $0.dropFirst(2) } == [
                "eu: the step wait 2.0s", "us: the step wait 2.0s", "us: the step x 2.0s",
            ])
    }

    @Test func `where several jobs are to come the first line of the first one names it`() {
        var printer = printer(hasSeveralJobs: true)
        var script = RunScript()
        script.add(JobStarted(job: "eu"))
        script.start("wait", in: "eu")
        play(script, on: &printer)
        #expect(transcript.text == "12:00:00 eu: the step wait…\n")
    }

    @Test func `a second try says so`() {
        var printer = printer()
        var script = RunScript()
        script.start("smoke", attempt: 2)
        play(script, on: &printer)
        #expect(transcript.text == "12:00:00 the step smoke, attempt 2…\n")
    }

    @Test func `closing leaves a clean terminal`() {
        var printer = printer(width: 60)
        play(.cutOff, on: &printer)
        printer.close(now: MonotonicInstant(sinceStart: RunScript.cutOff.elapsed))
        #expect(transcript.text.hasSuffix("\r\u{1B}[2K"))
    }
}
