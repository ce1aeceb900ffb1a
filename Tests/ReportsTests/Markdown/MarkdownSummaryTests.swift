import Engine
import Foundation
import TestSupport
import Testing

@testable import Reports

struct MarkdownSummaryTests {
    private func text(_ scripts: RunScript...) -> String {
        MarkdownSummary(scripts.map { RunSummary(events: $0.events) }).text()
    }

    private func firstLine(_ text: String) -> Substring { text.prefix { $0 != "\n" } }

    @Test func `the verdict is the first line`() {
        #expect(firstLine(text(.deployed)) == "### ✅ deployed 3f2a1bc to my-agent in 1m05s")
        #expect(firstLine(text(.failedAndRolledBack)).hasPrefix("### ❌ FAILED: 3f2a1bc on my-agent; rolled back"))
        #expect(firstLine(text(.timedOut)).hasPrefix("### ⏱️ TIMED OUT: "))
        #expect(firstLine(text(.stopped)).hasPrefix("### 🛑 CANCELLED (SIGTERM): "))
    }

    @Test func `it tells what is live, from which commit and where`() {
        let summary = text(.deployed)
        #expect(
            summary.contains(
                "| **live now** | revision `\(RunScript.newRevision)`, commit `3f2a1bc9d8e7`, "
                    + "[https&#58;//my-agent.example.com](<https://my-agent.example.com>) |"))
        #expect(summary.contains("| deployment | [my-agent](<https://smith.example.com/deployments/d>) |"))
        #expect(summary.contains("exit code 0 |"))
    }

    @Test func `it tells what was rolled back to what`() {
        let summary = text(.failedAndRolledBack)
        #expect(
            summary.contains(
                "| rollback | ✅ success to `\(RunScript.oldRevision)` as `\(RunScript.restoringRevision)` |"))
        #expect(summary.contains("| new revision | `\(RunScript.newRevision)`, BUILD\\_FAILED |"))
    }

    @Test func `each step and each phase has a row with its time`() {
        let summary = text(.failedAndRolledBack)
        #expect(summary.contains("| the step wait | ❌ failure | 43s |  |\n"))
        #expect(summary.contains("| └ build | ❌ failure | 30s |  |\n"))
        #expect(summary.contains("| smoke | ⏭️ skip |  |  |\n"))
        #expect(!summary.contains("└ deploy | ⏭️"))
    }

    @Test func `a failure has its cause, and its log folded`() {
        let summary = text(.failedAndRolledBack)
        #expect(summary.contains("**Reason** (`BuildFailed`, job `deploy`, step `wait`): revision"))
        #expect(summary.contains("**hint:** mend the build, then deploy again"))
        #expect(summary.contains("<details><summary>Last 2 lines of the log &#39;build&#39;</summary>"))
        #expect(!text(.deployed).contains("<details>"))
    }

    @Test func `several runs begin with how many went well`() {
        let summary = text(.deployed, .failedAndRolledBack)
        #expect(firstLine(summary) == "## ❌ 1 of 2 runs succeeded")
        #expect(summary.contains("### ✅ deployed"))
        #expect(summary.contains("### ❌ FAILED"))
    }

    @Test func `hostile text stays text`() {
        let summary = text(.hostile)
        #expect(!summary.contains("\u{1B}"))
        #expect(!summary.contains("\u{202E}"))
        for line in summary.split(separator: "\n") where line.hasPrefix("| ") {
            let bars = line.replacing("\\|", with: "").filter { $0 == "|" }.count
            #expect(bars == 3 || bars == 5, "\(line)")
        }
    }

    @Test func `a log cannot close its fold`() {
        var script = RunScript.failedAndRolledBack
        script.log(["</pre></details><img src=x>"], in: "wait")
        let summary = text(script)
        #expect(summary.components(separatedBy: "</pre>").count == 2)
        #expect(!summary.contains("<img"))
    }

    @Test(arguments: [900 << 10, 20_000, 2000, 300, 10])
    func `it keeps to its room`(bytes: Int) {
        var script = RunScript()
        script.startRun()
        script.start("step-0")
        script.log(Array(repeating: String(repeating: "<", count: 4000), count: 200), in: "step-0")
        for number in 0..<1500 {
            if number > 0 { script.start("step-\(number)") }
            script.finish("step-\(number)", .failure, failure: RunScript.buildFailure)
        }
        script.finishRun(.failed)
        let summary = MarkdownSummary([RunSummary(events: script.events)]).text(within: bytes)
        #expect(summary.utf8.count <= bytes)
        #expect(bytes < 300 || summary.hasPrefix("### ❌ FAILED"))
    }
}
