import Engine
import TestSupport
import Testing

@testable import Reports

struct PipelineOutputsTests {
    private func outputs(_ script: RunScript) -> [String: String] {
        let all = PipelineOutputs(RunSummary(events: script.events), reportPath: "out/report.json").all
        return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.value) })
    }

    @Test func `a deploy tells what it made`() {
        #expect(
            outputs(.deployed) == [
                "result": "success", "run-id": RunScript.runID.rawValue,
                "deployment-id": "d0000000-0000-4000-8000-00000000000d",
                "deployment-url": "https://my-agent.example.com",
                "dashboard-url": "https://smith.example.com/deployments/d", "revision-id": RunScript.newRevision,
                "previous-revision-id": RunScript.oldRevision, "live-revision-id": RunScript.newRevision,
                "commit-sha": RunScript.commit, "changed": "true", "report-path": "out/report.json",
            ])
    }

    @Test func `a rollback by hand tells its revision as soon as it is created, and on every outcome`() {
        var script = RunScript.rollingBackByHand
        #expect(outputs(script)["revision-id"] == RunScript.restoringRevision)
        script.see(RunScript.restoringRevision, "DEPLOY_FAILED", role: .rollback, after: .seconds(1))
        script.finishRun(.failed)
        #expect(outputs(script)["revision-id"] == RunScript.restoringRevision)
        #expect(outputs(.failedAndRolledBack)["revision-id"] == RunScript.newRevision)
    }

    @Test func `what is not known is left out`() {
        #expect(
            outputs(.refused) == [
                "result": "error", "run-id": RunScript.runID.rawValue, "changed": "false",
                "report-path": "out/report.json",
            ])
        #expect(PipelineOutputs(RunSummary(events: [])).all.map(\.name) == ["changed"])
    }

    @Test func `an output file has each value between lines that nobody can guess`() {
        let outputs = PipelineOutputs(RunSummary(events: RunScript.refused.events))
        let file = GitHubOutputFile(outputs, report: "{}", delimiter: "eof_1")
        #expect(
            file.text == """
                result<<eof_1
                error
                eof_1
                run-id<<eof_1
                \(RunScript.runID)
                eof_1
                changed<<eof_1
                false
                eof_1
                run-json<<eof_1
                {}
                eof_1

                """)
    }

    @Test func `a value that holds the delimiter, and a report that is too long, are left out`() {
        let outputs = PipelineOutputs(RunSummary(events: RunScript.refused.events), reportPath: "a\neof_1\nevil<<x")
        let file = GitHubOutputFile(
            outputs, report: String(repeating: "x", count: GitHubOutputFile.maximumReport + 1), delimiter: "eof_1")
        #expect(!file.text.contains("evil"))
        #expect(!file.text.contains("run-json"))
        #expect(file.text.contains("result<<eof_1\nerror\n"))
    }

    @Test func `variables have names and values that GitLab takes`() {
        let text = DotenvReport(PipelineOutputs(RunSummary(events: RunScript.deployed.events))).text
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            #expect(line.wholeMatch(of: /[A-Z][A-Z0-9_]*=[!-~]+/) != nil, "\(line)")
        }
        #expect(text.contains("SLIPWAY_DEPLOYMENT_URL=https://my-agent.example.com\n"))
        #expect(text.hasPrefix("SLIPWAY_RESULT=success\n"))
        #expect(text.split(separator: "\n").count <= DotenvReport.maximumVariables)
    }

    @Test(arguments: ["two words", "line\nbreak", "\"quoted\"", "$HOME", "ünï", "#comment", "`id`"])
    func `a value that GitLab would refuse does not spoil the file`(path: String) {
        let text = DotenvReport(
            PipelineOutputs(RunSummary(events: RunScript.deployed.events), reportPath: path)
        ).text
        #expect(!text.contains("REPORT_PATH"))
        #expect(text.contains("SLIPWAY_RESULT=success\n"))
    }

    @Test func `the variables of a run with endless texts fit into five kilobytes`() {
        var script = RunScript.deployed
        let long = "https://example.com/" + String(repeating: "x", count: 6000)
        script.add(
            DeploymentSeen(
                id: "d0000000-0000-4000-8000-00000000000d", name: "n", url: long, dashboardURL: nil, created: false,
                previousRevisionID: nil,
                activeRevisionID: nil))
        let text = DotenvReport(PipelineOutputs(RunSummary(events: script.events))).text
        #expect(text.utf8.count <= DotenvReport.maximumBytes)
        #expect(text.contains("SLIPWAY_REVISION_ID="))
    }
}
