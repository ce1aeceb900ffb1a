import Engine
import Redaction
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

/// The first line names what was deployed and what became of it, and claims nothing else.
@Suite struct HeadlineTests {
    private static let image = "registry.example/agent@sha256:" + String(repeating: "ab", count: 32)
    private static let short = "registry.example/agent@sha256:abababababab"

    private func headline(_ events: [RunEvent]) -> String {
        Headline(RunSummary(events: events), clean: TextSanitizer(escapesCICommands: false)).text
    }

    /// The same run, with an image instead of the commit.
    private func ofImage(_ script: RunScript, image: String = Self.image, before: String? = nil) -> RunScript {
        var changed = RunScript()
        for event in script.events {
            changed.add(event.payload)
            guard event.payload is CommitRead else { continue }
            changed.add(
                OutputRecorded(
                    job: "deploy", step: "preflight", name: "plan",
                    value: .object([
                        "image": .string(image), "current": .object(["image": before.map { .string($0) } ?? .null]),
                    ])))
        }
        return changed
    }

    @Test func `an image is named, never the commit that stands beside it`() {
        #expect(headline(ofImage(.deployed).events).hasPrefix("deployed \(Self.short) to my-agent in "))
        let failed = headline(ofImage(.failedAndRolledBack).events)
        #expect(!failed.contains("3f2a1bc"))
        let page = HTMLReport([RunSummary(events: ofImage(.deployed).events)]).page
        #expect(page.contains("\(Self.short) is live on my-agent"))
    }

    @Test func `an image that was live already is named too`() {
        var script = RunScript()
        script.startRun(inputs: ["image": .string(Self.image)])
        for event in RunScript.deployed.events where event.payload is CommitRead || event.payload is DeploymentSeen {
            script.add(event.payload)
        }
        script.finishRun(.success)
        #expect(headline(script.events) == "\(Self.short) is already live on my-agent, nothing to do")
    }

    @Test func `a rollback to the tag that failed may bring back the same image`() {
        let tag = "registry.example/agent:1"
        let same = headline(ofImage(.failedAndRolledBack, image: tag, before: tag).events)
        #expect(
            same.hasSuffix(
                "rolled back to revision \(RunScript.oldRevision), but its tag \(tag) may name the same image"))
        let other = headline(ofImage(.failedAndRolledBack, image: tag, before: "registry.example/agent:0").events)
        #expect(other.hasSuffix("rolled back to revision \(RunScript.oldRevision)"))
        let pinned = headline(ofImage(.failedAndRolledBack, before: Self.image).events)
        #expect(pinned.hasSuffix("rolled back to revision \(RunScript.oldRevision)"))
    }

    @Test func `a deploy that times out before it requests anything is not running`() {
        var script = RunScript()
        script.startRun()
        script.start("preflight", uses: "preflight")
        script.finish("preflight", .timeout, failure: StepFailure(.timedOut, code: "TimedOut", "the cause"))
        var stopped = script
        stopped.finishRun(.timedOut)
        #expect(headline(stopped.events) == "TIMED OUT: the cause; no revision was requested")
        script.start("create", uses: "create-revision")
        script.add(EffectIntended(job: "deploy", step: "create", effect: "create-revision", facts: [:]))
        script.finishRun(.timedOut)
        #expect(headline(script.events).hasSuffix("; state unknown, the deploy may still be running"))
    }
}
