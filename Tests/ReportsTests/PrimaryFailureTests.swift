import Engine
import TestSupport
import Testing

@testable import Reports

struct PrimaryFailureTests {
    private static func summary(_ verdict: Verdict, failures: [Verdict], jobFailure: Verdict? = nil) -> RunSummary {
        var script = RunScript()
        script.startRun()
        for (index, failure) in failures.enumerated() {
            script.start("s\(index)")
            script.finish(
                "s\(index)", failure.outcome, failure: StepFailure(failure, code: "F\(index)", "failure \(index)"))
        }
        let own = jobFailure.map { StepFailure($0, code: "Job", "the job") }
        script.add(JobFinished(job: "deploy", result: verdict.outcome, failure: own))
        script.finishRun(verdict)
        return RunSummary(events: script.events)
    }

    @Test(arguments: [
        (Verdict.failed, [Verdict.failed], "F0"),
        (.failed, [.unreachable, .failed], "F1"),
        (.rollbackFailed, [.failed, .rollbackFailed], "F0"),
        (.busy, [.failed], "F0"),
    ])
    func `the failure with the run's verdict counts, but what led to a rollback comes first`(
        verdict: Verdict, failures: [Verdict], code: String
    ) {
        #expect(Self.summary(verdict, failures: failures).primaryFailure?.failure.code == code)
    }

    @Test func `a run that went well has none, even though a step failed`() {
        #expect(Self.summary(.success, failures: [.failed]).primaryFailure == nil)
    }

    @Test func `a step that was stopped because another row failed is not the cause`() {
        var script = RunScript()
        script.startRun()
        let stopped = StepFailure(.failed, code: "Cancelled", "cancelled because 'fleet (b)' failed")
        script.start("visit", in: "fleet (a)")
        script.finish("visit", in: "fleet (a)", .cancellation, failure: stopped)
        script.start("visit", in: "fleet (b)")
        script.finish("visit", in: "fleet (b)", .failure, failure: StepFailure(.failed, code: "No", "no"))
        script.finishRun(.failed)
        #expect(RunSummary(events: script.events).primaryFailure?.job == "fleet (b)")
    }

    @Test func `a job can fail without a step`() throws {
        let primary = try #require(Self.summary(.busy, failures: [], jobFailure: .busy).primaryFailure)
        #expect(primary.step == nil)
        #expect(primary.job == "deploy")
    }

    @Test func `the log of the step that failed is the relevant one`() {
        let summary = RunSummary(events: RunScript.failedAndRolledBack.events)
        #expect(summary.relevantLog?.lines.last == "ERROR: No matching distribution found for nope==1")
    }

    private func logs(failing: (inout RunScript) -> Void) -> [String]? {
        var script = RunScript()
        script.startRun()
        script.start("hello", in: "test")
        script.log(["all is well"], in: "hello", job: "test")
        script.finish("hello", in: "test", .success)
        script.start("broken", in: "deploy")
        failing(&script)
        script.finish(
            "broken", in: "deploy", .failure, failure: StepFailure(.failed, code: "CommandFailed", "exit code 1"))
        script.start("after", in: "deploy")
        script.log(["cleaned up"], in: "after", job: "deploy")
        script.finish("after", in: "deploy", .success)
        script.finishRun(.failed)
        return RunSummary(events: script.events).relevantLog?.lines
    }

    @Test func `what steps say that went well is not the log of a failure`() {
        #expect(logs { _ in } == nil)
        #expect(logs { $0.log(["no disk"], in: "broken", job: "deploy") } == ["no disk"])
    }

    @Test func `a log of another step that failed in the same job is better than none`() {
        let said = logs { script in
            script.start("wait", in: "deploy")
            script.log(["build broke"], in: "wait", job: "deploy")
            script.finish("wait", in: "deploy", .failure)
        }
        #expect(said == ["build broke"])
    }
}
