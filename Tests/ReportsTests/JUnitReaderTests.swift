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
                case .hostile: [JUnitReaderTests.hostile]
                case .refused: [JUnitReaderTests.refused]
                case .nothing: []
                case .several: [.deployed, .cutOff, .deployed]
                }
            return scripts.map { RunSummary(events: $0.events) }
        }
    }

    @Test(
        .enabled("xmllint is needed (libxml2-utils)") { try await Tool.isInstalled("xmllint") },
        arguments: Sample.allCases)
    func `xmllint finds our files valid by our schema`(sample: Sample) async throws {
        for strict in [false, true] {
            let xml = JUnitReport(sample.summaries, strict: strict).xml
            let answer = try await Tool.xmllint(xml, schema: Tool.schema("slipway-junit.xsd"))
            #expect(answer.isGood, "\(answer.text)")
        }
    }

    @Test(
        .enabled("xmllint and Jenkins' schema beside the project are needed") {
            let hasSchema = FileManager.default.fileExists(atPath: Tool.jenkinsSchema)
            return try await Tool.isInstalled("xmllint") && hasSchema
        },
        arguments: Sample.allCases)
    func `xmllint finds our strict files valid by Jenkins' schema`(sample: Sample) async throws {
        let answer = try await Tool.xmllint(
            JUnitReport(sample.summaries, strict: true).xml, schema: Tool.jenkinsSchema)
        #expect(answer.isGood, "\(answer.text)")
    }

    @Test(
        .enabled("xmllint is needed (libxml2-utils)") { try await Tool.isInstalled("xmllint") },
        arguments: [
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

    @Test(
        .enabled("python3 with junitparser is needed (pip install junitparser==5.0.3)") {
            try await Tool.hasPython(module: "junitparser")
        })
    func `junitparser reads the cases and their results`() async throws {
        let program = """
            import sys
            from junitparser import JUnitXml
            for suite in JUnitXml.fromstring(sys.stdin.buffer.read()):
                for case in suite:
                    print(case.classname, case.name, [type(r).__name__ for r in case.result], sep="|")
            """
        let xml = JUnitReport([RunSummary(events: RunScript.failedAndRolledBack.events)]).xml
        let answer = try await Tool.answer("python3", ["-c", program], input: xml)
        #expect(
            answer.text.split(separator: "\n") == [
                "deploy.deploy|commit|[]", "deploy.deploy|create|[]", "deploy.deploy|wait|['Failure']",
                "deploy.deploy|wait: queue|[]", "deploy.deploy|wait: build|['Failure']",
                "deploy.deploy|wait: deploy|['Skipped']", "deploy.deploy|smoke|['Skipped']",
                "deploy.deploy|rollback|[]", "deploy.deploy|rollback: queue|[]",
                "deploy.deploy|rollback: build|['Skipped']", "deploy.deploy|rollback: deploy|[]",
            ])
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

    /// Everything that has been seen to break a reader.
    private static var hostile: RunScript {
        let text = "\u{1B}[31mred\u{0}]]>&<>\"'\u{FFFE}\u{FFFF}\r\n\u{7}\u{202E}::error::x ##[error]🚀 \u{1B}]0;"
        var script = RunScript()
        script.startRun(workflow: text)
        for job in [text, text + "2"] {
            for attempt in 1...2 {
                script.start(text, in: job, attempt: attempt)
                script.log([text, String(repeating: "x", count: 2 << 20)], stream: text, in: text, job: job)
                script.finish(
                    text, in: job, attempt == 1 ? .failure : .success, after: .seconds(1), attempt: attempt,
                    failure: attempt == 1 ? StepFailure(.failed, code: text, text, hint: text, details: [text]) : nil)
            }
        }
        script.finishRun(.success)
        return script
    }

    private static var refused: RunScript {
        var script = RunScript()
        script.startRun()
        script.finishRun(.notAuthorised)
        return script
    }
}
