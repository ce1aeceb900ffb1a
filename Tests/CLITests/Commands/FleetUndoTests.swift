import ArgumentParser
import Engine
import Fleet
import Foundation
import Reports
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

/// Which run a rollback of a fleet undoes, judged by the runs that are stored.
@Suite struct FleetUndoTests {
    private let folder: TemporaryFolder
    private let state: StatePaths

    init() throws {
        folder = try TemporaryFolder()
        state = StatePaths(flag: folder.path, environment: [:])
    }

    private func rollout() throws -> FleetRollout {
        let text = "version: 1\nname: f\ntargets: [{deployment: a}, {deployment: b}]\n"
        let fleet = try #require(FleetFile(Array(text.utf8), file: "t").fleet)
        var rollout = try fleet.rollout(
            of: fleet.targets.map { target in
                FleetMember(
                    target: .init(
                        name: target.name, deployment: target.deployment, deploymentID: "id-\(target.name)",
                        settings: target.settings), labels: [:], plane: "p", isDiscovered: false)
            })
        rollout.file = "/targets.yml"
        return rollout
    }

    /// Returns the journal, which counts as written until it is released.
    @discardableResult
    private func store(_ id: String, _ fleet: FleetRun, _ payloads: [any EventPayload]) throws -> FileJournal {
        let run = RunID(rawValue: id)
        let journal = try FileJournal(creating: state.journal(of: run))
        try LoadedWorkflow(fleet: fleet).save(to: state.workflow(of: run))
        let origin = RunOrigin(
            folder: "/", controlPlane: .init(url: "https://plane.example", isLocal: false, workspace: "w"))
        let start = RunStarted(workflow: "f", toolName: "slipway", toolVersion: "0", inputs: [:], origin: origin)
        for (place, payload) in ([start] + payloads).enumerated() {
            try journal.append(
                RunEvent(sequence: place + 1, date: Date(timeIntervalSince1970: 0), runID: run, payload: payload),
                durably: false)
        }
        return journal
    }

    private func changed(_ target: String, to revision: String, from previous: String?) -> [any EventPayload] {
        let job = JobPath(text: "wave-1 (\(target)) › deploy › deploy")
        var payloads: [any EventPayload] = [
            EffectIntended(job: job, step: "create", effect: "create-revision", facts: [:]),
            OutputRecorded(job: job, step: "create", name: "revision-id", value: .string(revision)),
        ]
        if let previous {
            payloads.append(
                OutputRecorded(job: job, step: "preflight", name: "previous-revision-id", value: .string(previous)))
        }
        return payloads
    }

    private func undo(_ selection: FleetSelection = FleetSelection()) throws -> FleetUndo {
        try FleetUndo(
            runs: FleetRuns(state: state), file: FleetSource(path: "/targets.yml"), run: nil, selection: selection,
            reason: "why")
    }

    private func targets(_ undo: FleetUndo) -> [String] {
        undo.reversal.waves.flatMap(\.targets).map { "\($0.name): \($0.revisionID) to \($0.previousRevisionID)" }
    }

    @Test func `a target whose change was refused has nothing to undo`() throws {
        let refusal = EffectRefused(
            job: JobPath(text: "wave-1 (b) › deploy › deploy"), step: "create", effect: "create-revision")
        try store(
            "20260101000000-1", .deploy(rollout()),
            changed("a", to: "a2", from: "a1") + changed("b", to: "b2", from: "b1") + [refusal])
        #expect(targets(try undo()) == ["a: a2 to a1"])
    }

    @Test func `the newest deploy that changed something is undone, on its control plane`() throws {
        try store("20260101000000-1", .deploy(rollout()), changed("a", to: "a2", from: "a1"))
        try store("20260102000000-2", .deploy(rollout()), [])
        let undo = try undo()
        #expect(undo.reversal.run == "20260101000000-1")
        #expect(targets(undo) == ["a: a2 to a1"])
        let access = undo.access(try AccessOptions.parse([]))
        #expect(access.controlPlane == "https://plane.example" && access.tenantId == "w")
        #expect(undo.access(try AccessOptions.parse(["--control-plane", "https://other.example"])).tenantId == nil)
    }

    @Test func `a deployment that the run created has nothing to go back to`() throws {
        try store(
            "20260101000000-1", .deploy(rollout()),
            changed("a", to: "a2", from: "a1") + changed("b", to: "b1", from: nil))
        let undo = try undo()
        #expect(targets(undo) == ["a: a2 to a1"])
        #expect(undo.leftAlone == ["created by run 20260101000000-1, nothing was live before: b"])
    }

    @Test func `what is back is not rolled back once more, nor what an older run changed`() throws {
        try store("20260101000000-1", .deploy(rollout()), changed("a", to: "a2", from: "a1"))
        try store("20260102000000-2", .deploy(rollout()), changed("a", to: "a3", from: "a2"))
        try store(
            "20260103000000-3", .rollback(undo().reversal),
            [OutputRecorded(job: "wave-1-rollback (a)", step: "rollback", name: "result", value: "restored")])
        let failure = #expect(throws: StepFailure.self) { try undo() }
        #expect(failure?.code == "NothingToRollBack")
        #expect(failure?.message == "nothing to roll back: rolled back already: a")
    }

    @Test func `a deploy in progress is not rolled back`() throws {
        let journal = try store("20260101000000-1", .deploy(rollout()), changed("a", to: "a2", from: "a1"))
        let failure = #expect(throws: StepFailure.self) { try undo() }
        #expect(failure?.verdict == .busy && failure?.code == "RunInProgress")
        withExtendedLifetime(journal) {}
    }
}
