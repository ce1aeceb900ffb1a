import Engine
import Foundation
import Redaction
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

struct ConsoleSummaryTests {
    private func console(_ script: RunScript, inCI: Bool = false) -> ConsoleSummary {
        ConsoleSummary(
            RunSummary(events: script.events), reports: ["out/TEST-slipway.xml"], journal: "/state/journal.jsonl",
            clean: TextSanitizer(escapesCICommands: inCI))
    }

    private func ended(_ verdict: Verdict, _ change: (inout RunScript) -> Void = { _ in }) -> RunScript {
        var script = RunScript.cutOff
        script.startRun()
        script.finish(
            "wait", verdict.outcome,
            failure: verdict.outcome == .cancellation ? nil : StepFailure(verdict, code: "X", "the cause"))
        change(&script)
        script.finishRun(verdict)
        return script
    }

    @Test func `the first line of a good deploy says what is live where`() {
        let text = console(.deployed).text
        #expect(text.hasPrefix("deployed 3f2a1bc to my-agent in 1m05s\n"))
        #expect(text.contains("https://my-agent.example.com"))
        #expect(text.contains("out/TEST-slipway.xml"))
        #expect(!text.contains("journal"))
    }

    @Test func `a failed deploy tells what failed, what serves and what to do`() {
        let expected = """
            FAILED: 3f2a1bc on my-agent; rolled back to revision \(RunScript.oldRevision)
              failed       job deploy, step wait (BuildFailed): revision \(RunScript.newRevision) ended in BUILD_FAILED
              last status  revision \(RunScript.newRevision) BUILD_FAILED after QUEUED 13s, BUILDING 30s
              log          last lines of 'build':
                | Step 3/9 : RUN pip install .
                | ERROR: No matching distribution found for nope==1
              rollback     revision \(RunScript.restoringRevision) DEPLOYED
              live now     revision \(RunScript.restoringRevision), commit 0ldc0de, https://my-agent.example.com
              dashboard    https://smith.example.com/deployments/d
              next         mend the build, then deploy again
              report       out/TEST-slipway.xml
              journal      /state/journal.jsonl

            """
        #expect(console(.failedAndRolledBack).text == expected)
    }

    @Test func `a run that ended before it found its deployment names the one it was for`() {
        var script = RunScript()
        script.startRun(inputs: ["deployment": "my-agent"])
        script.start("preflight")
        script.finish("preflight", .error, failure: StepFailure(.unreachable, code: "X", "the cause"))
        script.finishRun(.unreachable)
        #expect(console(script).headline == "ERROR: workflow 'deploy' on my-agent")
    }

    @Test(arguments: [
        ("KeyRefusedMeanwhile", Verdict.notAuthorised, "last seen"), ("DeploymentDeleted", .failed, "last seen"),
        ("BuildFailed", .failed, "live now"),
    ])
    func `what could not be read at the end was only seen`(code: String, verdict: Verdict, label: String) {
        var script = RunScript.cutOff
        script.startRun()
        script.finish("wait", verdict.outcome, failure: StepFailure(verdict, code: code, "the cause"))
        script.finishRun(verdict)
        let text = console(script).text
        #expect(text.contains("  \(label) "), "\(text)")
        let markdown = MarkdownSummary([RunSummary(events: script.events)]).text()
        #expect(markdown.contains("\(label)"), "\(markdown)")
    }

    @Test func `a run that was cut off saw last what it saw, and one in progress is not called interrupted`() {
        var script = RunScript()
        script.startRun()
        script.add(
            DeploymentSeen(
                id: "d", name: "agent", url: nil, dashboardURL: nil, created: false, previousRevisionID: "old",
                activeRevisionID: "old"))
        script.see("r", "BUILDING")
        var summary = RunSummary(events: script.events)
        let clean = TextSanitizer(escapesCICommands: false)
        let cutOff = ConsoleSummary(summary, clean: clean).text
        #expect(cutOff.hasPrefix("UNFINISHED: ") && cutOff.contains("revision r was BUILDING when last seen\n"))
        #expect(cutOff.contains("  last seen    revision old\n") && cutOff.contains("slipway resume"))
        summary.isRunning = true
        let running = ConsoleSummary(summary, clean: clean).text
        #expect(running.hasPrefix("IN PROGRESS: ") && running.contains("revision r is still BUILDING\n"))
        #expect(!running.contains("slipway resume") && !running.contains("live now"))
        let page = HTMLReport([summary]).page
        #expect(page.contains("In progress") && !page.contains("Live now") && !page.contains("interrupted"))
    }

    @Test(arguments: [("BUILD_FAILED", "nothing"), ("BUILDING", "unknown"), ("DEPLOYED", "unknown")])
    func `nothing is live when the first revision failed`(status: String, live: String) {
        var script = RunScript()
        script.startRun()
        script.add(
            DeploymentSeen(
                id: "d", name: "agent", url: nil, dashboardURL: nil, created: true, previousRevisionID: nil,
                activeRevisionID: nil))
        script.add(RevisionSeen(id: "r", role: .ours, status: status, commitSHA: nil))
        script.finishRun(.failed)
        #expect(console(script).text.contains("  live now     \(live)\n"))
        let summary = RunSummary(events: script.events)
        #expect(MarkdownSummary([summary]).text().contains("| live now | \(live) |"))
        #expect(HTMLReport([summary]).page.contains("<h3>Live now</h3><p>\(live)</p>"))
    }

    @Test func `a rollback by hand names the commits before and after it`() {
        let (old, bad) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
        func seen(_ revision: String, _ commit: String) -> DeploymentSeen {
            var seen = DeploymentSeen(
                id: "d", name: "agent", url: nil, dashboardURL: nil, created: false, previousRevisionID: "bad",
                activeRevisionID: revision)
            seen.activeCommitSHA = commit
            return seen
        }
        var script = RunScript()
        script.startRun(workflow: "rollback")
        script.add(seen("bad", bad))
        script.add(RollbackSeen(attempted: true, toRevisionID: "old", revisionID: "new"))
        script.add(RevisionSeen(id: "new", role: .rollback, status: "DEPLOYED", commitSHA: old))
        script.add(RollbackSeen(attempted: true, toRevisionID: "old", revisionID: "new", result: .success))
        script.add(seen("new", old))
        script.finishRun(.success)
        #expect(
            console(script).text.contains(
                "  commits      from bbbbbbb to aaaaaaa; git log bbbbbbb...aaaaaaa lists the difference\n"))
        let summary = RunSummary(events: script.events)
        #expect(MarkdownSummary([summary]).text().contains("commits `bbbbbbb...aaaaaaa`"))
        #expect(HTMLReport([summary]).page.contains("from commit bbbbbbb to aaaaaaa"))
    }

    @Test func `a run that could not reach the control plane names the command that goes on`() {
        var script = RunScript.cutOff
        script.startRun()
        script.finish("wait", .error, failure: StepFailure(.unreachable, code: "X", "the cause", hint: "check it"))
        script.finishRun(.unreachable)
        #expect(console(script).text.contains("  next         check it; then run slipway resume --failed "))
    }

    @Test func `a reason that the reader has seen is not repeated`() {
        let summary = RunSummary(events: RunScript.failedAndRolledBack.events)
        let clean = TextSanitizer(escapesCICommands: false)
        let text = ConsoleSummary(summary, isFailureShown: true, notes: ["a note"], clean: clean).text
        #expect(text.contains("  failed       job deploy, step wait (BuildFailed)\n"))
        #expect(!text.contains("ended in BUILD_FAILED"))
        #expect(text.hasSuffix("  note         a note\n"))
    }

    @Test(arguments: [
        (Verdict.failed, "FAILED: the cause; nothing was rolled back"),
        (.rollbackFailed, "FAILED: the cause; the rollback failed too, manual intervention required"),
        (.superseded, "SUPERSEDED: the cause"),
        (.commitMismatch, "WRONG COMMIT: the cause; nothing was rolled back"),
        (.timedOut, "TIMED OUT: the cause; state unknown, the deploy may still be running"),
        (.notAuthorised, "ERROR: the cause"),
        (.interrupted, "CANCELLED (SIGINT): revision \(RunScript.newRevision) is still BUILDING"),
    ])
    func `each verdict has its first line`(verdict: Verdict, headline: String) {
        #expect(console(ended(verdict)).result == headline)
    }

    @Test func `a rollback that did not happen or did not help is told`() {
        let none = ended(.failed) { $0.add(RollbackSeen(attempted: false, reason: "nothing was live before")) }
        #expect(console(none).result == "FAILED: the cause; nothing was rolled back (nothing was live before)")
        let open = ended(.failed) { $0.add(RollbackSeen(attempted: true, toRevisionID: "r1")) }
        #expect(console(open).result == "FAILED: the cause; the rollback to revision r1 did not finish")
    }

    @Test func `a revision that was interrupted at the timeout does not go on`() {
        let script = ended(.timedOut) {
            $0.add(RevisionSeen(id: RunScript.newRevision, role: .ours, status: "INTERRUPTED", commitSHA: nil))
        }
        let expected = "TIMED OUT: the cause; revision \(RunScript.newRevision) was interrupted"
        #expect(console(script).result == expected)
        #expect(!console(script).text.contains("resume"))
    }

    @Test func `when the rollback failed too the next action is the one by hand`() {
        let script = ended(.rollbackFailed) { script in
            let failure = StepFailure(.rollbackFailed, code: "R", "not back", hint: "slipway rollback a --to r1")
            script.start("rollback")
            script.finish("rollback", .failure, failure: failure)
        }
        #expect(console(script).text.contains("next         slipway rollback a --to r1\n"))
    }

    @Test func `a deploy without a new revision was live already`() {
        var script = RunScript()
        script.startRun()
        for event in RunScript.deployed.events {
            switch event.payload {
            case is CommitRead, is DeploymentSeen: script.add(event.payload)
            default: break
            }
        }
        script.finishRun(.success)
        #expect(console(script).result == "3f2a1bc is already live on my-agent, nothing to do")
    }

    @Test func `a deploy that found its commit live tells of no deploy`() {
        var script = RunScript()
        script.startRun()
        for event in RunScript.deployed.events {
            switch event.payload {
            case is CommitRead: script.add(event.payload)
            case var seen as DeploymentSeen:
                seen.previousRevisionID = RunScript.newRevision
                script.add(seen)
            default: break
            }
        }
        script.see(RunScript.newRevision, "DEPLOYED")
        script.finishRun(.success)
        #expect(console(script).result == "3f2a1bc is already live on my-agent, nothing to do")
    }

    @Test func `a deploy that was not waited for says so`() {
        var script = RunScript.cutOff
        script.startRun()
        script.finishRun(.success)
        #expect(console(script).result == "started revision \(RunScript.newRevision) of my-agent, now BUILDING")
    }

    @Test func `a revision that nobody looked at is named all the same`() {
        var script = RunScript.made
        script.finish("create")
        script.finishRun(.success)
        #expect(console(script).result == "started revision \(RunScript.newRevision) of my-agent")
        script = .made
        script.finishRun(.terminated)
        #expect(
            console(script).result
                == "CANCELLED (SIGTERM): revision \(RunScript.newRevision) was created")
    }

    @Test func `a change whose answer never came is not said to have failed`() {
        var script = RunScript()
        script.startRun()
        script.add(EffectIntended(job: "deploy", step: "create", effect: "create-revision", facts: [:]))
        script.finishRun(.terminated)
        #expect(
            console(script).result
                == "CANCELLED (SIGTERM): a change was requested, whether it took effect is unknown")
    }

    @Test func `a run that was cut off can be resumed`() {
        var script = RunScript()
        script.startRun()
        let text = console(script).text
        #expect(text.hasPrefix("UNFINISHED: workflow 'deploy' was interrupted; no revision was created\n"))
        #expect(text.contains("slipway resume \(RunScript.runID)"))
    }

    @Test func `remote text cannot give orders to the terminal or to CI`() {
        var script = RunScript.failedAndRolledBack
        script.log(["\u{1B}[2J::error::owned", "##[error]owned"], in: "wait")
        let text = console(script, inCI: true).text
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("##["))
        #expect(text.contains("| :\u{200B}:error::owned"))
    }

    @Test func `a long log is cut to its last lines`() {
        var script = RunScript.cutOff
        script.log((1...100).map { "line \($0)" }, in: "wait")
        let text = console(script).text
        #expect(text.contains("| line 100\n"))
        #expect(text.contains("| line 81\n"))
        #expect(!text.contains("| line 80\n"))
    }

    @Test func `log lines that the failure holds already are not told twice`() {
        var script = RunScript.cutOff
        script.log(["the end"], in: "wait")
        script.finish(
            "wait", .failure, failure: StepFailure(.failed, code: "X", "the cause", details: ["the end"]))
        script.finishRun(.failed)
        #expect(console(script).text.components(separatedBy: "the end\n").count == 2)
    }
}
