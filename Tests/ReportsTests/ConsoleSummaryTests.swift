import Engine
import Foundation
import Redaction
import TestSupport
import Testing

@testable import Reports

struct ConsoleSummaryTests {
    private func explanation(_ script: RunScript, inCI: Bool = false) -> ConsoleSummary {
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
        let text = explanation(.deployed).text
        #expect(text.hasPrefix("deployed 3f2a1bc to my-agent in 1m05s\n"))
        #expect(text.contains("https://my-agent.example.com"))
        #expect(text.contains("out/TEST-slipway.xml"))
        #expect(!text.contains("journal"))
    }

    @Test func `a failed deploy tells what failed, what serves and what to do`() {
        let expected = """
            FAILED: revision \(RunScript.newRevision) ended in BUILD_FAILED; rolled back to revision \(RunScript.oldRevision)
              failed       job deploy, step wait (BuildFailed): revision \(RunScript.newRevision) ended in BUILD_FAILED
              last status  revision \(RunScript.newRevision) BUILD_FAILED after QUEUED 13s, BUILDING 30s
              log          the end of 'build':
                | Step 3/9 : RUN pip install .
                | ERROR: No matching distribution found for nope==1
              rollback     revision \(RunScript.restoringRevision) DEPLOYED
              serves now   revision \(RunScript.restoringRevision), commit 0ldc0de, https://my-agent.example.com
              dashboard    https://smith.example.com/deployments/d
              next         mend the build, then deploy again
              report       out/TEST-slipway.xml
              journal      /state/journal.jsonl

            """
        #expect(explanation(.failedAndRolledBack).text == expected)
    }

    @Test(arguments: [
        (Verdict.failed, "FAILED: the cause; nothing was rolled back"),
        (.rollbackFailed, "FAILED: the cause; the rollback failed too, a person is needed"),
        (.superseded, "SUPERSEDED: the cause"),
        (.commitMismatch, "WRONG COMMIT: the cause; nothing was rolled back"),
        (.timedOut, "TIMED OUT: the cause; the state is unknown, the deploy may go on"),
        (.notAuthorised, "ERROR: the cause"),
        (.interrupted, "STOPPED: told to stop by SIGINT; revision \(RunScript.newRevision) is still BUILDING"),
    ])
    func `each verdict has its first line`(verdict: Verdict, headline: String) {
        #expect(explanation(ended(verdict)).headline == headline)
    }

    @Test func `a rollback that did not happen or did not help is told`() {
        let none = ended(.failed) { $0.add(RollbackSeen(attempted: false, reason: "nothing was live before")) }
        #expect(explanation(none).headline == "FAILED: the cause; nothing was rolled back (nothing was live before)")
        let open = ended(.failed) { $0.add(RollbackSeen(attempted: true, toRevisionID: "r1")) }
        #expect(explanation(open).headline == "FAILED: the cause; the rollback to revision r1 did not end")
    }

    @Test func `a revision that was interrupted at the timeout does not go on`() {
        let script = ended(.timedOut) {
            $0.add(RevisionSeen(id: RunScript.newRevision, role: .ours, status: "INTERRUPTED", commitSHA: nil))
        }
        let expected = "TIMED OUT: the cause; revision \(RunScript.newRevision) was interrupted"
        #expect(explanation(script).headline == expected)
        #expect(!explanation(script).text.contains("resume"))
    }

    @Test func `when the rollback failed too the next action is the one by hand`() {
        let script = ended(.rollbackFailed) { script in
            let failure = StepFailure(.rollbackFailed, code: "R", "not back", hint: "slipway rollback a --to r1")
            script.start("rollback")
            script.finish("rollback", .failure, failure: failure)
        }
        #expect(explanation(script).text.contains("next         slipway rollback a --to r1\n"))
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
        #expect(explanation(script).headline == "3f2a1bc is live already on my-agent, nothing to do")
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
        #expect(explanation(script).headline == "3f2a1bc is live already on my-agent, nothing to do")
    }

    @Test func `a deploy that was not waited for says so`() {
        var script = RunScript.cutOff
        script.startRun()
        script.finishRun(.success)
        #expect(explanation(script).headline == "started revision \(RunScript.newRevision) of my-agent, now BUILDING")
    }

    @Test func `a revision that nobody looked at is named all the same`() {
        var script = RunScript.made
        script.finish("create")
        script.finishRun(.success)
        #expect(explanation(script).headline == "started revision \(RunScript.newRevision) of my-agent")
        script = .made
        script.finishRun(.terminated)
        #expect(
            explanation(script).headline
                == "STOPPED: told to stop by SIGTERM; revision \(RunScript.newRevision) was made")
    }

    @Test func `a change whose answer never came is not said to have failed`() {
        var script = RunScript()
        script.startRun()
        script.add(EffectIntended(job: "deploy", step: "create", effect: "create-revision", facts: [:]))
        script.finishRun(.terminated)
        #expect(
            explanation(script).headline
                == "STOPPED: told to stop by SIGTERM; a change was asked for, and whether it was made is not known")
    }

    @Test func `a run that was cut off can be resumed`() {
        var script = RunScript()
        script.startRun()
        let text = explanation(script).text
        #expect(text.hasPrefix("UNFINISHED: workflow 'deploy' was cut off; no revision was made\n"))
        #expect(text.contains("slipway resume \(RunScript.runID)"))
    }

    @Test func `remote text cannot give orders to the terminal or to CI`() {
        var script = RunScript.failedAndRolledBack
        script.log(["\u{1B}[2J::error::owned", "##[error]owned"], in: "wait")
        let text = explanation(script, inCI: true).text
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("##["))
        #expect(text.contains("| :\u{200B}:error::owned"))
    }

    @Test func `a long log is cut to its last lines`() {
        var script = RunScript.cutOff
        script.log((1...100).map { "line \($0)" }, in: "wait")
        let text = explanation(script).text
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
        #expect(explanation(script).text.components(separatedBy: "the end\n").count == 2)
    }
}
