import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

struct JSONReportTests {
    private static let scripts: [RunScript] = [.deployed, .failedAndRolledBack, .cutOff, RunScript()]

    private func members(_ script: RunScript) throws -> [String: Any] {
        let text = try JSONReport(RunSummary(events: script.events)).pretty()
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `every key is there, whatever is known`() throws {
        for script in Self.scripts {
            #expect(
                try members(script).keys.sorted() == [
                    "commit", "deployment", "duration_ms", "error", "exit_code", "finished_at", "live_revision_id",
                    "log_tail", "previous_revision_id", "requests", "result", "revision", "rollback", "rollouts",
                    "run_id",
                    "schema_version", "started_at", "steps", "tool", "verdict", "warnings", "workflow",
                ])
        }
    }

    @Test func `what is not known is null in an object that is there`() throws {
        let report = try members(RunScript())
        #expect(report["result"] is NSNull)
        #expect(report["exit_code"] is NSNull)
        #expect(report["rollback"] is NSNull)
        let revision = try #require(report["revision"] as? [String: Any])
        #expect(revision["id"] is NSNull)
        #expect((revision["timeline"] as? [Any])?.isEmpty == true)
        let commit = try #require(report["commit"] as? [String: Any])
        #expect(commit.keys.sorted() == ["branch", "dirty", "ref", "remote_url", "sha", "tag"])
    }

    @Test func `a rolled back deploy tells the whole story`() throws {
        let report = try members(.failedAndRolledBack)
        #expect(report["result"] as? String == "failure")
        #expect(report["exit_code"] as? Int == 1)
        #expect(report["duration_ms"] as? Int == 59_000)
        let rollback = try #require(report["rollback"] as? [String: Any])
        #expect(rollback["to_revision_id"] as? String == RunScript.oldRevision)
        #expect(rollback["result"] as? String == "success")
        let error = try #require(report["error"] as? [String: Any])
        #expect(error["code"] as? String == "BuildFailed")
        #expect(error["step"] as? String == "wait")
        let steps = try #require(report["steps"] as? [[String: Any]])
        #expect(steps.map { $0["attempts"] as? Int } == [1, 1, 1, 0, 1])
    }

    @Test func `the same run makes the same text, with slashes as they are`() throws {
        let events = RunScript.deployed.events
        let text = try JSONReport(RunSummary(events: events)).pretty()
        #expect(try JSONReport(RunSummary(events: events)).pretty() == text)
        #expect(text.contains("https://my-agent.example.com"))
        #expect(text.hasSuffix("}\n"))
    }

    @Test func `the compact form is one line with the same content`() throws {
        let report = JSONReport(RunSummary(events: RunScript.deployed.events))
        let line = try report.line()
        #expect(!line.contains("\n"))
        let compact = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? NSDictionary)
        let pretty = try JSONSerialization.jsonObject(with: Data(try report.pretty().utf8)) as? NSDictionary
        #expect(compact == pretty)
    }

    @Test func `outputs keep their types, and a number that JSON has none for is null`() throws {
        var script = RunScript()
        script.start("s")
        for (name, value) in [("n", 3.0), ("x", 0.5), ("nan", Double.nan)] {
            script.add(OutputRecorded(job: "deploy", step: "s", name: name, value: .number(value)))
        }
        let line = try JSONReport(RunSummary(events: script.events)).line()
        #expect(line.contains(#""outputs":{"n":3,"nan":null,"x":0.5}"#))
    }

    @Test
    func `every report is valid by its schema`() async throws {
        let lines = try Self.scripts.map { try JSONReport(RunSummary(events: $0.events)).line() }
        let answer = try await Tool.jsonSchema(lines, schema: Tool.schema("report.schema.json"))
        #expect(answer.isGood, "\(answer.text)")
    }

    @Test(arguments: [(#""exit_code":0,"#, ""), (#""result":"success""#, #""result":"ok""#), ("12:00:00.000Z", "noon")])
    func `the schema refuses a report that breaks a promise`(good: String, bad: String) async throws {
        let line = try JSONReport(RunSummary(events: RunScript.deployed.events)).line()
        let broken = line.replacingOccurrences(of: good, with: bad)
        #expect(broken != line)
        #expect(try await !Tool.jsonSchema([broken], schema: Tool.schema("report.schema.json")).isGood)
    }
}
