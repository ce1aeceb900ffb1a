import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

@Suite struct JournaledRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var state: StatePaths { StatePaths(flag: folder.path, environment: [:]) }

    private func write(_ run: String, _ lines: String...) throws {
        let path = state.journal(of: RunID(rawValue: run))
        let directory = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
    }

    private static let start = #"{"type":"run.started","v":1}"#

    private func find() -> StepFailure? {
        #expect(throws: StepFailure.self) { try JournaledRun.find(nil, in: state) }
    }

    @Test func `the newest unfinished run of an earlier format is reported with a hint`() throws {
        try write("20260301120000-a", Self.start)
        let failure = find()
        #expect(failure?.message.hasSuffix("written by an earlier version (format 1)") == true)
        #expect(failure?.message.contains("20260301120000-a") == true)
        #expect(failure?.hint == "start a new run")
    }

    private static let steps = [
        ("commit", "git"), ("preflight", "preflight"), ("create", "create-revision"), ("wait", "wait"),
        ("verify", "verify"), ("smoke", "smoke"),
    ]

    @Test(arguments: [("commit", true), ("preflight", true), ("create", true), ("wait", false), ("smoke", false)])
    func `the folder of a run is needed while a step that reads it is left`(running: String, isNeeded: Bool) throws {
        let id = RunID(rawValue: "20260301120000-a")
        var payloads: [any EventPayload] = [
            RunStarted(
                workflow: "deploy", toolName: "slipway", toolVersion: "1", inputs: ["deployment": "agent"],
                origin: RunOrigin(folder: "/nonexistent")),
            JobStarted(job: "deploy"),
        ]
        for (step, uses) in Self.steps {
            payloads.append(StepStarted(job: "deploy", step: step, name: step, uses: uses, attempt: 1))
            if step == running { break }
            payloads.append(
                StepFinished(
                    job: "deploy", step: step, attempt: 1, result: .success, durationMilliseconds: 1, uses: uses))
        }
        let lines = try payloads.enumerated().map { index, payload in
            let event = RunEvent(sequence: index + 1, date: Date(timeIntervalSince1970: 0), runID: id, payload: payload)
            return String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
        }
        try write(id.rawValue, lines.joined(separator: "\n"))
        // A newer run that could not write its journal hides none.
        try write("20260301120001-b", "")
        #expect(try JournaledRun.find(nil, in: state).needsFolder == isNeeded)
    }

    @Test func `finished runs of an earlier format and damaged journals are skipped`() throws {
        try write("20260301120000-a", Self.start, #"{"type":"run.finished","v":1,"verdict":"success"}"#)
        try write("20260301120000-b", "damaged", Self.start)
        #expect(find()?.code == "NothingToResume")
    }
}
