import Engine
import Foundation
import TestSupport
import Testing

@testable import Reports

/// What programs that nobody here wrote make of our JUnit files.
struct JUnitReaderTests {
    enum Sample: CaseIterable {
        case deployed, failed, cutOff, hostile, refused, nothing, several

        var summaries: [RunSummary] {
            let scripts: [RunScript] =
                switch self {
                case .deployed: [.deployed]
                case .failed: [.failedAndRolledBack]
                case .cutOff: [.cutOff]
                case .hostile: [.hostile]
                case .refused: [.refused]
                case .nothing: []
                case .several: [.deployed, .cutOff, .deployed]
                }
            return scripts.map { RunSummary(events: $0.events) }
        }
    }

    @Test(arguments: Sample.allCases)
    func `xmllint finds our files valid by our schema`(sample: Sample) async throws {
        for strict in [false, true] {
            let xml = JUnitReport(sample.summaries, strict: strict).xml
            let answer = try await Tool.xmllint(xml, schema: Tool.schema("slipway-junit.xsd"))
            #expect(answer.isGood, "\(answer.text)")
        }
    }

    @Test(arguments: Tool.jenkinsSchemas, Sample.allCases)
    func `xmllint finds our strict files valid by Jenkins' schema`(schema: String, sample: Sample) async throws {
        let answer = try await Tool.xmllint(
            JUnitReport(sample.summaries, strict: true).xml, schema: schema)
        #expect(answer.isGood, "\(answer.text)")
    }

    @Test(arguments: [
        (#"type="BuildFailed""#, #"type="yaml""#), (#"time="30.000""#, #"time="30.0""#),
        (#"name="wait: build""#, #"name="wait""#), (#"timestamp="2026-03-01T12:00:00""#, #"timestamp="today""#),
        (#"hostname="localhost""#, #"hostname="build-7""#),
    ])
    func `our schema refuses what readers stumble over`(good: String, bad: String) async throws {
        let xml = JUnitReport([RunSummary(events: RunScript.failedAndRolledBack.events)]).xml
        let broken = xml.replacingOccurrences(of: good, with: bad)
        #expect(broken != xml)
        #expect(try await !Tool.xmllint(broken, schema: Tool.schema("slipway-junit.xsd")).isGood)
    }

    @Test
    func `junitparser reads the cases and their results`() async throws {
        let program = """
            import sys
            from junitparser import JUnitXml
            for suite in JUnitXml.fromstring(sys.stdin.buffer.read()):
                for case in suite:
                    print(case.classname, case.name, [type(r).__name__ for r in case.result], sep="|")
            """
        let xml = JUnitReport([RunSummary(events: RunScript.failedAndRolledBack.events)]).xml
        let answer = try await Tool.answer(Tool.python, ["-c", program], input: xml)
        #expect(
            answer.text.split(separator: "\n") == [
                "deploy.deploy|commit|[]", "deploy.deploy|create|[]", "deploy.deploy|wait|['Failure']",
                "deploy.deploy|wait: queue|[]", "deploy.deploy|wait: build|['Skipped']",
                "deploy.deploy|wait: deploy|['Skipped']", "deploy.deploy|smoke|['Skipped']",
                "deploy.deploy|rollback|[]", "deploy.deploy|rollback: queue|[]",
                "deploy.deploy|rollback: build|['Skipped']", "deploy.deploy|rollback: deploy|[]",
            ])
    }

    @Test
    func `xunitparser reads the cases, their results and their times`() async throws {
        let program = """
            import io, sys, xunitparser
            suite, result = xunitparser.parse(io.TextIOWrapper(sys.stdin.buffer, "utf-8"))
            for case in suite:
                print(case.classname, case.methodname, case.result, case.time.total_seconds(), sep="|")
            """
        let xml = JUnitReport([RunSummary(events: RunScript.failedAndRolledBack.events)]).xml
        let answer = try await Tool.answer(Tool.python, ["-c", program], input: xml)
        let rows = answer.text.split(separator: "\n")
        #expect(rows.count == 11, "\(answer.text)")
        #expect(rows.contains("deploy.deploy|wait: build|skipped|30.0"))
        #expect(rows.contains("deploy.deploy|smoke|skipped|0.0"))
        #expect(rows.contains("deploy.deploy|create|success|1.96"))
    }

    /// GitLab keeps the first case of a suite, class and name; shows the text and not the attributes where there is
    /// text; and takes some types for orders to convert the text.
    @Test(arguments: Sample.allCases)
    func `nothing is lost on a reader like GitLab's`(sample: Sample) async throws {
        let program = """
            import sys, xml.etree.ElementTree as tree
            casts = {"symbol", "date", "datetime", "integer", "float", "decimal", "boolean", "string", "yaml",
                     "base64Binary", "file", "array", "hash", "duration"}
            root, seen = tree.fromstring(sys.stdin.buffer.read()), set()
            for suite in root.iter("testsuite"):
                for case in suite.iter("testcase"):
                    key = (suite.get("name"), case.get("classname"), case.get("name"))
                    if key in seen: print("twice:", key)
                    seen.add(key)
                    for result in case:
                        if result.tag in ("failure", "error", "skipped"):
                            if not (result.text or "").startswith(result.get("message")): print("no text:", key)
                            if result.get("type") in casts: print("cast:", key)
            """
        let answer = try await Tool.answer("python3", ["-c", program], input: JUnitReport(sample.summaries).xml)
        #expect(answer.isGood && answer.text.isEmpty, "\(answer.text)")
    }

    @Test func `megabytes of logs and details make a case of bounded size`() {
        var script = RunScript()
        script.startRun()
        script.start("s")
        let line = String(repeating: "<&>\"", count: 500_000)
        script.log(Array(repeating: line, count: 300), in: "s")
        let failure = StepFailure(.failed, code: "Big", line, details: Array(repeating: line, count: 10))
        script.finish("s", .failure, failure: failure)

        let report = JUnitReport([RunSummary(events: script.events)])
        #expect(report.xml.utf8.count < 1 << 20)
        #expect(report.xml.contains("bytes omitted …"))
        #expect(report.xml(within: 60_000).utf8.count < 60_000)
        #expect(!report.xml(within: 10_000).contains("<system-out>"))
    }
}
