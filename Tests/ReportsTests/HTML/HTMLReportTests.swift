import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

struct HTMLReportTests {
    private func page(_ scripts: RunScript...) -> String {
        HTMLReport(scripts.map { RunSummary(events: $0.events) }).page
    }

    @Test func `it says in large letters what became of the run`() {
        #expect(page(.deployed).contains("<h1>3f2a1bc is live on my-agent</h1>"))
        #expect(page(.deployed).contains("<title>Succeeded: my-agent</title>"))
        #expect(
            page(.failedAndRolledBack).contains(
                "<h1>3f2a1bc failed on my-agent; the previous revision is live again</h1>"))
        #expect(page(.timedOut).contains("<h1>3f2a1bc timed out on my-agent</h1>"))
        #expect(page(.stopped).contains("<h1>The deploy of 3f2a1bc to my-agent was cancelled</h1>"))
        #expect(page(.made).contains("<h1>Workflow &#39;deploy&#39; was interrupted</h1>"))
        #expect(page(.refused).contains("<h1>ERROR: not authorised</h1>"))
    }

    @Test func `it tells what serves, where, and what was rolled back to what`() {
        let page = page(.failedAndRolledBack)
        #expect(
            page.contains(
                "<h3>Live now</h3><p>revision <code title=\"\(RunScript.restoringRevision)\">77aa0b5c…</code>"))
        #expect(
            page.contains("<h3>Rollback succeeded</h3><p>from revision <code title=\"\(RunScript.newRevision)\">"))
        #expect(page.contains("<p>to revision <code title=\"\(RunScript.oldRevision)\">1b7d9e30…</code></p>"))
        #expect(page.contains("href=\"https://my-agent.example.com\""))
    }

    @Test func `several runs are one page with an overview`() {
        let page = page(.deployed, .failedAndRolledBack)
        #expect(page.contains("<h1>1 of 2 runs succeeded</h1>"))
        #expect(page.components(separatedBy: "<article").count == 3)
        #expect(page.components(separatedBy: "<h1").count == 2)
    }

    @Test(arguments: [RunScript.deployed, .failedAndRolledBack, .hostile, .cutOff, RunScript()])
    func `nothing is fetched and nothing runs`(script: RunScript) {
        let page = page(script)
        #expect(page.contains("default-src 'none'"))
        for tag in ["<script", "<img", "<iframe", "<object", "<form", "<base", "@import", "url(", " on", "javascript:"]
        {
            #expect(!page.lowercased().contains(tag == " on" ? " onerror=" : tag), "\(tag)")
        }
        for link in page.matches(of: /<link [^>]*href="([^"]*)"/) { #expect(link.output.1.hasPrefix("data:")) }
    }

    @Test func `hostile text stays text`() {
        var script = RunScript.failedAndRolledBack
        let attack = "</pre></details></style><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick=\"x"
        script.log([attack], stream: attack, in: "wait")
        script.add(Noted(job: "deploy", step: "wait", level: .warning, message: attack))
        script.add(OutputRecorded(job: "deploy", step: "wait", name: attack, value: .string(attack)))
        script.start(attack, in: JobPath(attack))
        let page = page(script)
        #expect(!page.contains("<script"))
        #expect(!page.contains("<img"))
        #expect(!page.contains("\" onclick="))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    }

    @Test func `a page with the logs of hundreds of steps stays small enough to open`() {
        var script = RunScript()
        script.startRun()
        let lines = Array(repeating: String(repeating: "<", count: 400), count: 200)
        for number in 0..<300 {
            script.start("step-\(number)")
            script.log(lines, in: "step-\(number)")
            script.finish("step-\(number)")
        }
        script.finishRun(.success)
        #expect(page(script).utf8.count < HTMLReport.maximumBytes)
    }

    @Test(arguments: [RunScript.deployed, .failedAndRolledBack, .hostile, .stopped, .refused])
    func `every element is closed where it should be`(script: RunScript) async throws {
        let body = try #require(page(script).firstMatch(of: /<body>(?s:.*)<\/body>/)).output
        let answer = try await Tool.xmllint(String(body))
        #expect(answer.isGood, "\(answer.text)")
    }
}
