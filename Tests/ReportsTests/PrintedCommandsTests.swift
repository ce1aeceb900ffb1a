import Engine
import Testing

@testable import Reports

@Suite struct PrintedCommandsTests {
    @Test(arguments: [
        ("run slipway status agent", "run slipway status --control-plane local agent"),
        (
            "slipway revisions list agent, then slipway rollback",
            "slipway revisions list --control-plane local agent, then slipway rollback --control-plane local"
        ),
        ("slipway logs --control-plane x", "slipway logs --control-plane x"),
        ("slipway serve", "slipway serve"), ("slipway deployments", "slipway deployments"),
        ("'slipway runs'", "'slipway runs'"),
    ])
    func `a command gets the flags that reach the control plane`(text: String, runnable: String) {
        #expect(PrintedCommands(flags: " --control-plane local").runnable(text) == runnable)
        #expect(PrintedCommands(flags: "").runnable(text) == text)
    }

    @Test func `the key that a command needs stands in front of it, and nothing is added twice`() {
        let commands = PrintedCommands(flags: " --control-plane U", assignment: "KEY=\"$K\" ")
        let once = "check it; run KEY=\"$K\" slipway status --control-plane U agent, or slipway resume X"
        #expect(commands.runnable("check it; run slipway status agent, or slipway resume X") == once)
        #expect(commands.runnable(once) == once)
        #expect(PrintedCommands(flags: " --control-plane local").runnable(once) == once)
    }

    @Test func `every report of a run has them`() {
        var summary = RunSummary()
        var job = JobSummary(id: "deploy")
        job.failure = StepFailure(.failed, code: "X", "x", hint: "slipway status")
        summary.jobs = [job]
        let runnable = PrintedCommands(flags: " --control-plane local").runnable(summary)
        #expect(runnable.jobs.first?.failure?.hint == "slipway status --control-plane local")
    }
}
