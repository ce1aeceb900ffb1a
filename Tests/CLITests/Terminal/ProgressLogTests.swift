import Clocks
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

/// Lines of others among the progress of a run: what commands put out, and logs of the control plane.
struct ProgressLogTests {
    private let transcript = Transcript()

    private func printer(in provider: CIProvider? = nil, showsLogs: Bool = false) -> ProgressPrinter {
        ProgressPrinter(
            ProgressPrinter.Configuration(
                style: .plain, clean: TextSanitizer(escapesCICommands: provider != nil), showsLogs: showsLogs,
                grouping: provider.map { ($0, { "token" }) }), write: transcript.write)
    }

    private func play(_ script: RunScript, on printer: inout ProgressPrinter) {
        for event in script.events {
            let elapsed = event.date.timeIntervalSince(RunScript.start)
            printer.observe(event, now: MonotonicInstant(sinceStart: .seconds(elapsed)))
        }
    }

    private var tests: RunScript {
        var script = RunScript()
        script.add(JobStarted(job: "test"))
        script.start("unit", in: "test", uses: "run")
        script.log(["first", "second"], stream: "output", in: "unit", job: "test")
        return script
    }

    @Test func `what a command puts out is told line by line`() {
        var printer = printer()
        play(tests, on: &printer)
        #expect(transcript.text == "12:00:00 the step unit...\n12:00:00 | first\n12:00:00 | second\n")
    }

    @Test func `a rollback that left the live revision has no tick`() {
        for result in ["left", "restored"] {
            var script = RunScript()
            script.add(JobStarted(job: "deploy"))
            script.start("undo", uses: "rollback")
            script.add(OutputRecorded(job: "deploy", step: "undo", name: "result", value: .string(result)))
            script.finish("undo")
            var printer = printer()
            play(script, on: &printer)
        }
        #expect(transcript.lines.filter { $0.contains("ok the step undo") }.count == 1)
        #expect(transcript.lines.filter { $0.hasSuffix("the step undo...") }.count == 2)
    }

    @Test func `the log of a build is told to those who asked`() {
        var script = tests
        script.log(["Step 1/9"], in: "unit", job: "test")
        var quiet = printer()
        play(script, on: &quiet)
        #expect(!transcript.text.contains("Step 1/9"))
        var asked = printer(showsLogs: true)
        play(script, on: &asked)
        #expect(transcript.text.contains("| Step 1/9\n"))
    }

    @Test func `a log that one step followed and another one reads the end of is told once`() {
        var script = RunScript()
        script.add(JobStarted(job: "deploy"))
        script.start("wait")
        script.log(["starting"], stream: "deploy", in: "wait")
        script.log(["healthy"], stream: "deploy", in: "wait")
        script.start("smoke")
        script.log(["no such path"], stream: "smoke", in: "smoke")
        script.log(["starting", "healthy", "GET /x 404", "GET /x 404"], stream: "deploy", in: "smoke")
        var printer = printer(showsLogs: true)
        play(script, on: &printer)
        let told = transcript.lines.compactMap { $0.split(separator: "| ", maxSplits: 1).dropFirst().first }
        #expect(told == ["starting", "healthy", "no such path", "GET /x 404", "GET /x 404"])
    }

    @Test func `GitHub folds the lines of one source, and no line in there is a command`() {
        var script = tests
        script.log(["::error::mine", "##[group]x"], stream: "output", in: "unit", job: "test")
        script.log(["Step 1/9"], in: "unit", job: "test")
        script.finish("unit", in: "test")
        var printer = printer(in: .github)
        play(script, on: &printer)
        #expect(
            transcript.text == """
                12:00:00 the step unit...
                ::group::the step unit: output
                ::stop-commands::token
                first
                second
                :\u{200B}:error::mine
                #\u{200B}#[group]x
                ::token::
                ::endgroup::
                ::group::the step unit: build log
                ::stop-commands::token
                Step 1/9
                ::token::
                ::endgroup::
                12:00:00 ok the step unit 0.0s

                """)
    }

    @Test func `a run that is cut off leaves no fold open`() {
        var printer = printer(in: .gitlab)
        play(tests, on: &printer)
        printer.close(now: MonotonicInstant(sinceStart: .seconds(5)))
        #expect(transcript.text.hasSuffix("section_end:1772366405:slipway_token\r\u{1B}[0K\n"))
    }

    @Test func `a reminder of a silent command stays in its fold`() {
        var printer = printer(in: .github)
        play(tests, on: &printer)
        for second in 1...31 { printer.tick(now: MonotonicInstant(sinceStart: .seconds(second))) }
        #expect(transcript.text.hasSuffix("second\nstill running: the step unit (30s)\n"))
    }

    @Test func `lines of several jobs at once carry their jobs' names and no folds`() {
        var script = tests
        script.add(JobStarted(job: "lint"))
        script.start("style", in: "lint", uses: "run")
        script.log(["third"], stream: "output", in: "unit", job: "test")
        script.log(["fourth"], stream: "output", in: "style", job: "lint")
        var printer = printer(in: .github)
        play(script, on: &printer)
        #expect(
            transcript.lines.suffix(5) == [
                "::token::", "::endgroup::", "12:00:00 lint: the step style...", "12:00:00 test | third",
                "12:00:00 lint | fourth",
            ])
    }

    @Test func `a revision's expected end comes from what its deployment took before`() {
        var script = RunScript()
        script.add(JobStarted(job: "deploy"))
        script.start("preflight")
        script.add(
            OutputRecorded(
                job: "deploy", step: "preflight", name: "plan",
                value: .object(["past-durations": .list([.number(60), .number(62)])]))
        )
        script.finish("preflight")
        script.start("wait")
        script.add(OutputRecorded(job: "deploy", step: "wait", name: "revision-id", value: .string("r1")))
        script.see("r1", "BUILDING", in: "deploy")
        var printer = printer()
        play(script, on: &printer)
        for second in 1...30 { printer.tick(now: MonotonicInstant(sinceStart: .seconds(second))) }
        #expect(transcript.lines.last == "12:00:30 revision r1 still BUILDING (30s, about 32s left)")
    }

    @Test func `what is told of deployments in a fleet carries the row's name, and their commit is told once`() {
        var printer = printer()
        play(.fleet, on: &printer)
        let told = transcript.lines.map { $0.dropFirst(9) }
        #expect(told.filter { $0.hasPrefix("commit 3f2a1bc") }.count == 1)
        #expect(told.contains("deploy (eu): deployment agent-eu https://eu.example.com"))
        #expect(told.contains("deploy (eu): rolling back to revision eu-old"))
        #expect(told.contains { $0.contains("deploy (eu): rollback to revision eu-old") })
        #expect(told.contains { $0.contains("deploy (us): revision us-new DEPLOYED") })
    }

    @Test func `rows of a fleet are told apart by short names, and each has its line`() {
        var script = RunScript()
        for region in ["eu", "us"] {
            let job: JobPath = "deploy (\(region))"
            script.add(JobStarted(job: job))
            script.start("deploy", in: job)
            script.add(JobStarted(job: "\(job) › deploy › deploy"))
            script.start("wait", in: "\(job) › deploy › deploy")
        }
        var printer = ProgressPrinter(
            .init(
                style: .plain, clean: TextSanitizer(escapesCICommands: false),
                terminal: { TerminalSize(columns: 60, rows: 24) }), write: transcript.write)
        play(script, on: &printer)
        printer.tick(now: MonotonicInstant(sinceStart: .seconds(3)))
        #expect(
            TerminalEmulator(showing: transcript.text).lines.map { $0.dropFirst(2) } == [
                "deploy (eu): the step wait 3.0s", "deploy (us): the step wait 3.0s",
            ])
    }
}
