import Engine
import TestSupport
import Testing

@testable import Reports

/// Reports of runs that said more than anybody reads.
struct ReportSizeTests {
    private func reports(_ script: RunScript) throws -> [String] {
        let summary = RunSummary(events: script.events)
        return [
            JUnitReport([summary]).xml, try JSONReport(summary).pretty(), HTMLReport([summary]).page,
            MarkdownSummary([summary]).text(),
        ] + GitHubAnnotations(summary).lines
    }

    private func script(_ lines: [[String]]) -> RunScript {
        var script = RunScript.cutOff
        for lines in lines { script.log(lines, in: "wait") }
        script.finish("wait", .failure, failure: StepFailure(.failed, code: "BuildFailed", "the build failed"))
        script.finishRun(.failed)
        return script
    }

    @Test func `a hundred thousand lines of log leave their end, and say how many went before`() throws {
        let lines = (1...100_000).map { "line \($0)" }
        let script = script(stride(from: 0, to: 100_000, by: 500).map { Array(lines[$0..<($0 + 500)]) })
        for report in try reports(script).prefix(4) {
            #expect(report.utf8.count < 60_000)
            #expect(report.contains("line 100000"))
            #expect(!report.contains("line 99000\n"))
        }
        #expect(try reports(script).first?.contains("… 99780 lines omitted …") == true)
    }

    @Test func `a line of ten megabytes is cut`() throws {
        let script = script([[String(repeating: "é<", count: 5 << 20)]])
        for report in try reports(script) { #expect(report.utf8.count < 200_000) }
    }

    @Test func `a thousand deployments are told one by one, and reports of them end`() throws {
        let rows = (1...1000).map { "region-\($0)" }
        let reports = try reports(.fleetDeployed(rows))
        for report in reports.prefix(3) {
            #expect(report.contains("region-1-new") && report.contains("region-1000-new"))
        }
        #expect(reports[3].utf8.count < MarkdownSummary.maximumBytes)
        #expect(reports[3].contains("3f2a1bc is live on 1000 deployments (agent-region-1, "))
    }

    @Test func `control characters reach no report`() throws {
        let controls = (0..<32).compactMap { Unicode.Scalar($0) }.map { String(Character($0)) }.joined()
        let script = script([[controls + "\u{7F}\u{85}\u{9B}31m\u{FFFE}\u{202E}]]><end>"]])
        for report in try reports(script) {
            let bad = report.unicodeScalars.filter { $0.value < 32 && $0 != "\n" && $0 != "\t" || $0.value == 0xFFFE }
            #expect(bad.isEmpty, "\(bad.map(\.value))")
        }
    }
}
