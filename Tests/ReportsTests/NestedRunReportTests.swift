import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

/// Reports of a run whose step uses a workflow, and of failures that did not count in the end.
struct NestedRunReportTests {
    private let inner: JobPath = "release › deploy › deploy"

    private func script(_ verdict: Verdict, tolerated: Bool = false) -> RunScript {
        var script = RunScript()
        script.startRun()
        script.add(JobStarted(job: "release"))
        script.start("deploy", in: "release", uses: "deploy")
        script.add(JobStarted(job: inner))
        script.start("wait", in: inner, uses: "wait")
        script.log(["ERROR: the telling line"], in: "wait", job: inner)
        script.finish("wait", in: inner, .failure, after: .seconds(3), failure: RunScript.buildFailure)
        script.add(JobFinished(job: inner, result: .failure))
        script.add(
            StepFinished(
                job: "release", step: "deploy", attempt: 1, result: .failure, durationMilliseconds: 3000,
                failure: RunScript.buildFailure, isTolerated: tolerated))
        script.finishRun(verdict)
        return script
    }

    @Test func `the failure is told where it happened, with the log from there, and once`() {
        let summary = RunSummary(events: script(.failed).events)
        #expect(summary.primaryFailure?.job == inner.text)
        #expect(summary.relevantLog?.lines == ["ERROR: the telling line"])
        #expect(GitHubAnnotations(summary).lines.count == 1)
    }

    @Test func `its place is the step that uses the workflow`() {
        let position = SourcePosition(file: "ci/release.yml", line: 7, column: 5)
        let step = StepDefinition(id: "deploy", name: "deploy", uses: "deploy", position: position)
        let workflow = Workflow(name: "release", jobs: [Job(id: "release", steps: [step])])
        let summary = RunSummary(events: script(.failed).events)
        let positions = StepPositions(workflow) { $0 }.positions(of: summary)
        #expect(positions[StepAddress(job: inner.text, step: "wait")] == position)
        #expect(positions[StepAddress(job: "release", step: "deploy")] == position)
        #expect(GitHubAnnotations(summary, positions: positions).lines.first?.contains("line=7") == true)
        #expect(StepPositions(workflow) { _ in nil }.positions(of: summary).isEmpty)
    }

    @Test func `its place is in the file that the step uses, where that has one`() {
        let inside = SourcePosition(file: "ci/deploy.yml", line: 3, column: 5)
        let file = Workflow(
            name: "deploy",
            jobs: [Job(id: "deploy", steps: [.init(id: "wait", name: "w", uses: "wait", position: inside)])])
        let outside = SourcePosition(file: "ci/release.yml", line: 7, column: 5)
        let step = StepDefinition(id: "deploy", name: "deploy", uses: "./deploy.yml", position: outside)
        let workflow = Workflow(name: "release", jobs: [Job(id: "release", steps: [step])])
        let summary = RunSummary(events: script(.failed).events)
        let address = StepAddress(job: inner.text, step: "wait")
        func positions(naming name: @escaping @Sendable (String) -> String?) -> [StepAddress: SourcePosition] {
            StepPositions(workflow, files: ["./deploy.yml": file], naming: name).positions(of: summary)
        }
        #expect(positions { $0 }[address] == inside)
        #expect(positions { $0 }[StepAddress(job: "release", step: "deploy")] == outside)
        // A file that reports cannot name leaves the step that uses it.
        #expect(positions { $0 == inside.file ? nil : $0 }[address] == outside)
    }

    @Test func `the rows of a matrix stand at their one job's steps`() {
        let position = SourcePosition(file: "ci/test.yml", line: 3, column: 5)
        let step = StepDefinition(id: "run", name: "run", uses: "run", position: position)
        let workflow = Workflow(name: "test", jobs: [Job(id: "test", steps: [step])])
        var script = RunScript()
        script.startRun()
        script.start("run", in: "test (eu, 3.12)")
        let positions = StepPositions(workflow) { $0 }.positions(of: RunSummary(events: script.events))
        #expect(positions == [StepAddress(job: "test (eu, 3.12)", step: "run"): position])
    }

    @Test func `a failure that did not count makes no report red`() {
        for script in [script(.success, tolerated: true), script(.success)] {
            let summary = RunSummary(events: script.events)
            let junit = JUnitReport([summary]).xml
            #expect(!junit.contains("<failure "))
            #expect(junit.contains("<flakyFailure type=\"BuildFailed\""))
            #expect(!GitHubAnnotations(summary).lines.contains { $0.hasPrefix("::error") })
            #expect(summary.primaryFailure == nil)
        }
    }

    @Test func `a tolerated step is no second failed case`() {
        let xml = JUnitReport([RunSummary(events: script(.failed, tolerated: true).events)]).xml
        #expect(xml.components(separatedBy: "<failure").count == 2, "\(xml)")
    }

    @Test func `a tolerated failure is a warning`() {
        let lines = GitHubAnnotations(RunSummary(events: script(.success, tolerated: true).events)).lines
        #expect(
            lines.contains { $0.hasPrefix("::warning title=BuildFailed::step 'deploy' failed (tolerated)") })
    }

    @Test func `on the time axis its jobs follow the job that uses it`() {
        var script = RunScript()
        script.startRun()
        for job: JobPath in ["a", "b", "a › x › deep", "c"] { script.add(JobStarted(job: job)) }
        #expect(Timeline(RunSummary(events: script.events)).jobs.map(\.job.id) == ["a", "a › x › deep", "b", "c"])
    }
}
