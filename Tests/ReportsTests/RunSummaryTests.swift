import ControlPlaneTypes
import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

struct RunSummaryTests {
    private let deployed = RunSummary(events: RunScript.deployed.events)
    private let failed = RunSummary(events: RunScript.failedAndRolledBack.events)
    private let cutOff = RunSummary(events: RunScript.cutOff.events)

    @Test func `a finished run knows its verdict, its times and its tool`() {
        #expect(deployed.verdict == .success)
        #expect(deployed.isFinished)
        #expect(deployed.startedAt == RunScript.start)
        #expect(deployed.duration == RunScript.deployed.elapsed)
        #expect(deployed.tool == .init(name: "slipway", version: "0.1.0"))
        #expect(deployed.runID == RunScript.runID)
    }

    @Test func `a run that was told to stop and then fell silent has the signal's verdict and no end`() {
        #expect(cutOff.verdict == .terminated)
        #expect(!cutOff.isFinished)
        #expect(cutOff.duration == RunScript.cutOff.elapsed)
        #expect(cutOff.steps.last?.result == nil)
        #expect(cutOff.steps.last?.duration == .seconds(17))
    }

    @Test func `a run that only fell silent has no verdict`() {
        let summary = RunSummary(events: RunScript.cutOff.events.dropLast())
        #expect(summary.verdict == nil)
        #expect(!summary.isFinished)
    }

    @Test func `the revision that a deploy made is known before anybody looks at it`() {
        let revision = RunSummary(events: RunScript.made.events).main.revision
        #expect(revision?.id == RunScript.newRevision)
        #expect(revision?.status == nil)
    }

    @Test func `no events make an empty summary`() {
        #expect(RunSummary(events: []) == RunSummary())
    }

    @Test func `every beginning of a run can be summed up`() {
        let events = RunScript.failedAndRolledBack.events
        for count in events.indices {
            let summary = RunSummary(events: Array(events.prefix(count)))
            #expect(summary.verdict == nil)
            #expect(summary.revisions.allSatisfy { !$0.timeline.isEmpty })
        }
    }

    @Test func `events count in the order of their sequence, not of the list`() {
        #expect(RunSummary(events: RunScript.deployed.events.reversed()) == deployed)
    }

    @Test func `each status lasts until the next, the last one until the end of the run`() throws {
        let timeline = try #require(deployed.main.revision).timeline
        #expect(timeline.map(\.status) == [.queued, .building, .awaitingDeploy, .deploying, .deployed])
        let durations: [Duration] = [.milliseconds(10_960), .seconds(30), .seconds(2), .seconds(20), .seconds(1)]
        #expect(timeline.map(\.duration) == durations)
        #expect(timeline.last?.seenBy == StepAddress(job: "deploy", step: "wait"))
    }

    @Test func `a status that is seen again is no new one`() {
        var script = RunScript.cutOff
        script.see(RunScript.newRevision, "BUILDING", after: .seconds(5))
        #expect(RunSummary(events: script.events).main.revision?.timeline.count == 2)
    }

    @Test func `the rollback's revision has a timeline of its own`() {
        #expect(failed.main.revision?.status == .buildFailed)
        #expect(failed.main.rollbackRevision?.timeline.map(\.status) == [.queued, .deploying, .deployed])
        #expect(failed.main.rollback?.result == .success)
        #expect(failed.main.previousRevisionID == RunScript.oldRevision)
    }

    @Test func `what was seen last serves`() {
        #expect(deployed.main.liveRevisionID == RunScript.newRevision)
        #expect(deployed.main.liveCommitSHA == RunScript.commit)
        #expect(failed.main.liveRevisionID == RunScript.restoringRevision)
        #expect(cutOff.main.liveRevisionID == RunScript.oldRevision)
        #expect(cutOff.main.liveCommitSHA == nil)
    }

    @Test func `the commit that goes on serving is told, though the run did not touch it`() {
        var script = RunScript.cutOff
        var seen = DeploymentSeen(
            id: "d", name: "agent", url: nil, dashboardURL: nil, created: false,
            previousRevisionID: RunScript.oldRevision, activeRevisionID: RunScript.oldRevision,
            activeCommitSHA: "0ld")
        script.add(seen)
        seen.activeCommitSHA = nil
        script.add(seen)
        #expect(RunSummary(events: script.events).main.liveCommitSHA == "0ld")
        seen.activeRevisionID = "another"
        script.add(seen)
        #expect(RunSummary(events: script.events).main.liveCommitSHA == nil)
    }

    @Test func `a step keeps all its tries, and the time of all of them`() throws {
        var script = RunScript()
        script.startRun()
        script.start("smoke")
        script.finish("smoke", .failure, after: .seconds(2), failure: RunScript.buildFailure)
        script.start("smoke", attempt: 2)
        script.finish("smoke", after: .seconds(3), attempt: 2)

        let step = try #require(RunSummary(events: script.events).steps.first)
        #expect(step.result == .success)
        #expect(step.failure == nil)
        #expect(step.attempts.map(\.number) == [1, 2])
        #expect(step.duration == .seconds(5))
        #expect(step.earlierFailures == [RunScript.buildFailure])
    }

    @Test func `a skipped step has no tries`() throws {
        let smoke = try #require(failed.steps.first { $0.id == "smoke" })
        #expect(smoke.result == .skip)
        #expect(smoke.attempts.isEmpty)
        #expect(smoke.name == "smoke")
    }

    @Test func `outputs and logs belong to their steps`() throws {
        let create = try #require(deployed.steps.first { $0.id == "create" })
        #expect(create.outputs == ["revision-id": .string(RunScript.newRevision)])
        let wait = try #require(deployed.steps.first { $0.id == "wait" })
        #expect(wait.logs.map(\.lines) == [["Step 1/9 : FROM python:3.11", "built"]])
    }

    @Test func `a resumed run is under way again until it ends anew`() {
        var script = RunScript.cutOff
        script.startRun()
        script.start("wait")
        #expect(RunSummary(events: script.events).verdict == nil)
        script.see(RunScript.newRevision, "DEPLOYED", after: .seconds(60))
        script.finish("wait")
        script.finishRun(.success)

        let summary = RunSummary(events: script.events)
        #expect(summary.verdict == .success)
        #expect(summary.startedAt == RunScript.start)
        #expect(summary.steps.last?.attempts.count == 2)
        #expect(summary.steps.last?.result == .success)
    }

    @Test func `notes for debugging are left to the event stream`() {
        var script = RunScript()
        for (level, text) in [(Noted.Level.debug, "a"), (.info, "b"), (.warning, "c")] {
            script.add(Noted(job: "deploy", step: "wait", level: level, message: text))
        }
        let summary = RunSummary(events: script.events)
        #expect(summary.notes.map(\.message) == ["b", "c"])
        #expect(summary.warnings == ["c"])
    }

    @Test func `a wall clock that jumps back makes no negative duration`() {
        var events = RunScript.cutOff.events
        events[events.count - 1].date = RunScript.start.addingTimeInterval(-3600)
        let summary = RunSummary(events: events)
        #expect(summary.duration == .zero)
        #expect(summary.steps.allSatisfy { $0.duration >= .zero })
    }
}
