import Engine
import Foundation
import Redaction
import Reports
import TestSupport
import Testing
import WorkflowModel

@testable import History

/// Records made from the events of runs.
@Suite struct ChangeRecordTests {
    private func records(_ script: RunScript) -> [ChangeRecord] { ChangeRecords.of(RunSummary(events: script.events)) }

    @Test func `a failed deploy that was rolled back says from what to what, and why`() throws {
        let record = try #require(records(.failedAndRolledBack).first)
        #expect(record.kind == .deploy)
        #expect(record.verdict == "failed")
        #expect(record.rollback?.result == "success")
        #expect(record.rollback?.toRevisionID == record.before?.revisionID)
        #expect(record.cause?.code == RunScript.buildFailure.code)
        #expect(record.revisions?.map(\.role) == ["ours", "rollback"])
        #expect(record.tool == "slipway 0.1.0")
        #expect(record.finishedAt != nil)
    }

    @Test func `each deployment of a run has a record of its own`() {
        let found = records(.fleetDeployed)
        #expect(Set(found.map(\.deployment.id)).count == 2)
        #expect(Set(found.map(\.identity)).count == 2)
    }

    @Test func `a run that changed nothing leaves no record`() {
        var script = RunScript()
        script.startRun()
        script.finishRun(.notAuthorised)
        #expect(records(script).isEmpty)
    }

    @Test func `a run that was cut off leaves a record without a verdict`() throws {
        let record = try #require(records(RunScript(Array(RunScript.cutOff.events.dropLast()))).first)
        #expect(record.verdict == nil && record.finishedAt == nil)
    }

    @Test func `a deletion by a workflow leaves a record`() throws {
        var script = RunScript()
        script.startRun(workflow: "preview")
        script.start("delete", uses: "delete-deployment")
        script.add(OutputRecorded(job: "deploy", step: "delete", name: "deployment-id", value: .string("d-1")))
        script.add(OutputRecorded(job: "deploy", step: "delete", name: "deleted", value: .bool(true)))
        script.finish("delete")
        script.finishRun(.success)
        let record = try #require(records(script).first)
        #expect(record.kind == .deletion)
        #expect(record.deployment.id == "d-1")
    }

    @Test func `who started the run is in the record`() throws {
        var events = RunScript.deployed.events
        let start = try #require(events.firstIndex { $0.payload is RunStarted })
        var payload = try #require(events[start].payload as? RunStarted)
        payload.origin = RunOrigin(
            folder: "/", actor: .init(user: "ci", host: "box", ci: "github", ciActor: "octocat", runURL: "https://x/1"))
        events[start] = RunEvent(
            sequence: events[start].sequence, date: events[start].date, runID: events[start].runID, payload: payload)
        let record = try #require(ChangeRecords.of(RunSummary(events: events)).first)
        #expect(record.actor == .init(user: "ci", host: "box", ci: "github", ciActor: "octocat", runURL: "https://x/1"))
    }

    @Test func `a line is read back as it was, and unknown keys do no harm`() throws {
        let record = try #require(records(.failedAndRolledBack).first)
        let line = try record.line()
        #expect(!line.contains("\n"))
        #expect(ChangeRecord(line: line) == record)
        let later = line.dropLast() + #","v":7,"new_key":{"a":[1]}}"#
        #expect(ChangeRecord(line: later.replacing(#""v":1"#, with: #""old":1"#))?.runID == record.runID)
    }

    @Test func `lines that are no records are skipped`() throws {
        let line = try #require(records(.deployed).first).line()
        let text = "hello\n\n{}\n{\"run_id\": 3}\n[]\n\(line)\n{\"run_id\":\"x\"\n\u{0}\n"
        #expect(ChangeRecord.all(in: text).count == 1)
        #expect(ChangeRecord(line: "{" + String(repeating: " ", count: 1 << 17) + "}") == nil)
    }

    @Test func `secrets of a run are in no record`() throws {
        let secret = "sup3r-s3cret-value"
        let journal = MemoryJournal()
        let log = EventLog(
            runID: RunScript.runID, clock: VirtualClock(), journal: journal, redactor: .init(secrets: [secret]))
        for event in RunScript.failedAndRolledBack.events {
            var payload = event.payload
            if var seen = payload as? RollbackSeen {
                seen.reason = "because of \(secret)"
                payload = seen
            }
            if var finished = payload as? StepFinished, var failure = finished.failure {
                failure.message += " \(secret)"
                finished.failure = failure
                payload = finished
            }
            log.append(payload)
        }
        let record = try #require(ChangeRecords.of(RunSummary(events: journal.events)).first)
        #expect(record.reason == "because of ***")
        #expect(record.cause?.message.hasSuffix("***") == true)
        #expect(!(try record.line().contains(secret)))
    }
}
