import Engine
import Foundation
import TestSupport
import Testing

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

    @Test func `finished runs of an earlier format and damaged journals are skipped`() throws {
        try write("20260301120000-a", Self.start, #"{"type":"run.finished","v":1,"verdict":"success"}"#)
        try write("20260301120000-b", "damaged", Self.start)
        #expect(find()?.code == "NothingToResume")
    }
}
