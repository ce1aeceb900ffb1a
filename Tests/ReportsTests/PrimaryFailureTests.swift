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
        script.add(.jobFinished(.init(job: "deploy", result: verdict.outcome, failure: own)))
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

    @Test func `a job can fail without a step`() throws {
        let primary = try #require(Self.summary(.busy, failures: [], jobFailure: .busy).primaryFailure)
        #expect(primary.step == nil)
        #expect(primary.job == "deploy")
    }

    @Test func `the log of the step that failed is the relevant one`() {
        let summary = RunSummary(events: RunScript.failedAndRolledBack.events)
        #expect(summary.relevantLog?.lines.last == "ERROR: No matching distribution found for nope==1")
    }
}
