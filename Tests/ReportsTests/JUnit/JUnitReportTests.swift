import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

struct JUnitReportTests {
    private func xml(_ script: RunScript, strict: Bool = false) -> String {
        JUnitReport([RunSummary(events: script.events)], strict: strict).xml
    }

    /// A run with one step that ended so.
    private func run(_ verdict: Verdict, failure: StepFailure? = nil, tries: Int = 1) -> RunScript {
        var script = RunScript()
        script.startRun()
        for attempt in 1...tries {
            script.start("only", attempt: attempt)
            let isLast = attempt == tries
            script.finish(
                "only", isLast ? verdict.outcome : .failure, after: .milliseconds(1500), attempt: attempt,
                failure: isLast ? failure : RunScript.buildFailure)
        }
        script.finishRun(verdict)
        return script
    }

    @Test func `a deploy has a case for each step and for each phase that a step waited for`() {
        let report = xml(.deployed)
        for (name, time) in [
            ("commit", "0.040"), ("create", "1.960"), ("wait", "62.250"), ("wait: queue", "10.960"),
            ("wait: build", "30.000"), ("wait: deploy", "22.000"), ("smoke", "0.750"), ("rollback", "0.000"),
        ] {
            #expect(report.contains(#"<testcase classname="deploy.deploy" name="\#(name)" time="\#(time)""#))
        }
        #expect(report.contains(#"tests="8" failures="0" errors="0" skipped="1""#))
        #expect(report.contains(#"<property name="langsmith.revision.id" value="\#(RunScript.newRevision)"/>"#))
        #expect(report.contains(#"timestamp="2026-03-01T12:00:00" hostname="localhost" id="0""#))
    }

    @Test func `a rollback's phases stand with the step that rolled back`() {
        let report = xml(.failedAndRolledBack)
        #expect(report.contains(#"name="rollback: deploy" time="9.000""#))
        #expect(report.contains(#"<failure type="BuildFailed" message="revision"#))
        #expect(report.contains("hint: mend the build, then deploy again"))
    }

    @Test func `a build that failed is one failure, that of the step that waited for it`() {
        let report = xml(.failedAndRolledBack)
        #expect(report.contains(#"failures="1" errors="0""#))
        #expect(report.contains(#"<skipped message="phase 'build' failed; see step 'wait'">"#))
    }

    @Test func `what did not end is an error of type Cancelled`() {
        let report = xml(.cutOff)
        #expect(report.contains(#"<error type="Cancelled" message="step 'wait' did not finish"#))
        #expect(report.contains(#"<skipped message="phase 'build' did not finish: the run was cancelled; see step"#))
        #expect(report.contains(#"failures="0" errors="1""#))
        #expect(report.contains(#"<skipped message="phase 'deploy' was not run">phase 'deploy' was not run</skipped>"#))
    }

    @Test func `a no is a failure, a cannot tell is an error`() {
        #expect(xml(run(.failed)).contains(#"<failure type="Failed""#))
        #expect(xml(run(.timedOut)).contains(#"<error type="TimedOut""#))
        #expect(xml(run(.interrupted)).contains(#"<error type="Cancelled""#))
    }

    @Test(arguments: [
        ("yaml", "Yaml"), ("deploy-timeout", "Deploytimeout"), ("4xx", "Xx"), ("", "Failed"), ("HTTP5xx", "HTTP5xx"),
    ])
    func `the type is an identifier that nobody takes for something else`(code: String, type: String) {
        let failure = StepFailure(.failed, code: code, "no")
        #expect(xml(run(.failed, failure: failure)).contains(#"<failure type="\#(type)" message="no">no</failure>"#))
    }

    @Test func `earlier tries of a step that passed are flaky failures of its one case`() {
        let report = xml(run(.success, tries: 3))
        #expect(report.components(separatedBy: "<testcase").count == 2)
        #expect(report.components(separatedBy: "<flakyFailure type=\"BuildFailed\"").count == 3)
        #expect(report.contains(#"failures="0""#))
        #expect(report.contains(#"time="4.500""#))
    }

    @Test func `earlier tries of a step that failed are told in its text`() {
        let report = xml(run(.failed, failure: RunScript.buildFailure, tries: 2))
        #expect(!report.contains("flakyFailure"))
        #expect(report.contains("attempt 1: BuildFailed: "))
    }

    @Test func `a run that failed outside of its steps has a red case all the same`() {
        var script = RunScript()
        script.startRun()
        script.finishRun(.notAuthorised)
        #expect(xml(script).contains(#"<error type="NotAuthorised" message="not authorised">"#))
    }

    @Test func `a job that could not run, and one that was skipped, are no empty suites`() {
        var script = RunScript()
        let busy = StepFailure(.busy, code: "LockBusy", "another run holds the lock")
        script.add(JobFinished(job: "a", result: .error, failure: busy))
        script.add(JobFinished(job: "b", result: .skip))
        script.finishRun(.busy)
        let report = xml(script)
        #expect(report.contains(#"<error type="LockBusy" message="another run holds the lock">"#))
        #expect(report.contains(#"<skipped message="job 'b' was not run">"#))
    }

    @Test(arguments: [
        ("test", "ci.test"), ("test (eu, 3.12)", "ci.test.eu, 3-12"), ("up › release › deploy", "ci.up-release-deploy"),
    ])
    func `a class is the workflow, the job and the row of its matrix`(job: JobPath, className: String) {
        var script = RunScript()
        script.startRun(workflow: "ci")
        script.start("a", in: job)
        script.finish("a", in: job)
        #expect(xml(script).contains("classname=\"\(className)\""))
        #expect(xml(script).contains("<testsuite name=\"\(job)\""))
    }

    @Test func `dots and slashes of names do not make packages`() {
        var script = RunScript()
        script.startRun(workflow: "ci/deploy.yml")
        script.start("a", in: "eu.west/1")
        script.finish("a", in: "eu.west/1")
        #expect(xml(script).contains(#"classname="ci-deploy-yml.eu-west-1""#))
    }

    @Test func `the strict form leaves out what Jenkins does not know`() throws {
        let summary = RunSummary(events: RunScript.deployed.events)
        let step = StepAddress(job: "deploy", step: "wait")
        let positions = [step: SourcePosition(file: "./workflows/deploy.yml", line: 12, column: 9)]
        let run = try #require(summary.runID)
        let normal = JUnitReport([summary], positions: [run: positions]).xml
        let strict = JUnitReport([summary], strict: true, positions: [run: positions]).xml
        #expect(normal.contains(#"file="workflows/deploy.yml" line="12""#))
        #expect(!strict.contains("file="))
        #expect(strict.contains(#"<testsuites name="slipway" tests="8" failures="0" errors="0" time="#))
    }

    @Test(arguments: ["/etc/passwd", "../elsewhere.yml", "a/../../b.yml"])
    func `a workflow file outside of the repository is not named`(file: String) throws {
        let step = StepAddress(job: "deploy", step: "wait")
        let summary = RunSummary(events: RunScript.deployed.events)
        let run = try #require(summary.runID)
        let report = JUnitReport([summary], positions: [run: [step: SourcePosition(file: file, line: 1, column: 1)]])
        #expect(!report.xml.contains("file="))
    }

    @Test func `several runs are told apart by the names of their suites`() {
        let summary = RunSummary(events: RunScript.deployed.events)
        let report = JUnitReport([summary, summary], pipelineURL: "https://ci.example.com/1?a=b&c=d").xml
        #expect(report.contains(#"<testsuite name="my-agent deploy" "#))
        #expect(report.contains(#"<testsuite name="my-agent deploy (2)" "#))
        #expect(report.contains("https://ci.example.com/1?a=b&amp;c=d"))
    }

    @Test func `a log cannot make a reader fetch a file`() {
        var script = RunScript.cutOff
        script.log(["[[ATTACHMENT|/etc/passwd]]", "[\u{1B}[0m[ATTACHMENT|/etc/shadow]]"], in: "wait")
        #expect(!xml(script).contains("[[ATTACHMENT|"))
    }
}
