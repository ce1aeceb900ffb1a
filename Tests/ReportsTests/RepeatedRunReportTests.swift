import Engine
import FoundationEssentials
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

/// What the reports say of a run whose failed jobs ran again (`resume --failed`).
struct RepeatedRunReportTests {
    /// `test` succeeded; `deploy` failed at its second step, and ran again.
    private func script(_ again: (inout RunScript) -> Void) -> RunScript {
        var script = RunScript()
        script.startRun()
        script.start("unit", in: "test")
        script.finish("unit", in: "test", after: .seconds(2))
        script.add(JobFinished(job: "test", result: .success))
        script.start("build", in: "deploy")
        script.finish("build", in: "deploy", after: .seconds(3))
        script.start("push", in: "deploy")
        script.log(["the first error"], stream: "stderr", in: "push")
        script.finish("push", in: "deploy", .failure, after: .seconds(1), failure: RunScript.buildFailure)
        script.skip("tell", in: "deploy")
        script.add(JobFinished(job: "deploy", result: .failure))
        script.finishRun(.failed)
        var start = RunStarted(
            workflow: "deploy", toolName: "slipway", toolVersion: "0.1.0", inputs: [:], isResumed: true)
        start.repeatedJobs = ["deploy"]
        script.add(start, after: .seconds(60))
        again(&script)
        return script
    }

    private var repaired: RunScript {
        script { script in
            for step in ["build", "push", "tell"] {
                let attempt = step == "tell" ? 1 : 2
                script.start(step, in: "deploy", attempt: attempt)
                script.finish(step, in: "deploy", after: .seconds(1), attempt: attempt)
            }
            script.add(JobFinished(job: "deploy", result: .success))
            script.finishRun(.success)
        }
    }

    private var failedAgain: RunScript {
        script { script in
            let failure = StepFailure(.failed, code: "OtherFailure", "another error", hint: "do something else")
            script.start("build", in: "deploy", attempt: 2)
            script.finish("build", in: "deploy", .failure, after: .seconds(1), attempt: 2, failure: failure)
            for step in ["push", "tell"] { script.skip(step, in: "deploy") }
            script.add(JobFinished(job: "deploy", result: .failure))
            script.finishRun(.failed)
        }
    }

    private func junit(_ script: RunScript) -> String { JUnitReport([RunSummary(events: script.events)]).xml }

    private func html(_ script: RunScript) -> String { HTMLReport([RunSummary(events: script.events)]).page }

    @Test func `in JUnit every step is one case with its last result`() {
        let xml = junit(repaired)
        #expect(xml.components(separatedBy: "<testcase").count == 5, "\(xml)")
        #expect(xml.contains(#"tests="4" failures="0" errors="0" skipped="0""#), "\(xml)")
        for name in ["unit", "build", "push", "tell"] {
            #expect(xml.components(separatedBy: #" name="\#(name)""#).count == 2, "\(name): \(xml)")
        }
        #expect(!xml.contains("<failure"))
    }

    @Test func `in JUnit the failure of the first time is a flaky one of the step that passed`() {
        let xml = junit(repaired)
        #expect(xml.components(separatedBy: "<flakyFailure type=\"BuildFailed\"").count == 2, "\(xml)")
    }

    @Test func `in JUnit what fails again is told with its new failure, and what was not reached is skipped`() {
        let xml = junit(failedAgain)
        #expect(xml.contains(#"tests="4" failures="1" errors="0" skipped="2""#), "\(xml)")
        #expect(xml.contains(#"<failure type="OtherFailure" message="another error""#), "\(xml)")
        #expect(!xml.contains(#"<failure type="BuildFailed""#), "\(xml)")
    }

    @Test func `in HTML the run is what it came to, with the attempts of each step`() {
        let page = html(repaired)
        #expect(page.contains(#"<article class="success">"#), "\(page)")
        #expect(page.contains("exit code 0 · "))
        #expect(!page.contains("the first error"), "the log of a step is that of its last attempt")
        let failed = html(failedAgain)
        #expect(failed.contains(#"<article class="failure">"#))
        #expect(failed.contains("another error") && !failed.contains("the first error"))
    }

    @Test func `a report in the middle of the repetition does not show the failure that is being repeated`() {
        let script = script { script in script.start("build", in: "deploy", attempt: 2) }
        let summary = RunSummary(events: script.events)
        #expect(summary.verdict == nil)
        #expect(!junit(script).contains(#"<failure type="BuildFailed""#))
    }
}
