import Clocks
import Engine
import Foundation
import History
import Reports
import TestSupport
import Testing

@testable import CLI

/// The records of the runs on this machine.
@Suite(.timeLimit(.minutes(1))) struct RecordLookupTests {
    private let folder: TemporaryFolder
    private let run = RunID(rawValue: "20260301120000-a")

    init() throws { folder = try TemporaryFolder() }

    private var state: StatePaths { StatePaths(flag: folder.path, environment: [:]) }

    private var progress: [RunProgress] {
        RecordLookup(state: state, folder: folder.path, clock: VirtualClock()).ofJournals(about: ["d"])
            .map { $0.progress(now: RunScript.start) }
    }

    private func append(_ script: RunScript, from first: Int = 0, to journal: FileJournal) throws {
        for event in script.events.dropFirst(first) { try journal.append(event, durably: false) }
    }

    @Test func `a run is in progress while its process writes the journal, and cut off when that is gone`() throws {
        var script = RunScript()
        script.startRun()
        script.add(
            DeploymentSeen(
                id: "d", name: "agent", url: nil, dashboardURL: nil, created: false, previousRevisionID: nil,
                activeRevisionID: nil))
        script.see("r", "BUILDING")
        let path = state.journal(of: run)
        var journal: FileJournal? = try FileJournal(creating: path)
        try append(script, to: #require(journal))
        #expect(progress == [.running])
        journal = nil
        #expect(progress == [.unfinished])

        let length = try #require(FileManager.default.contents(atPath: path)).count
        let resumed = try FileJournal(continuing: path, validLength: length)
        #expect(progress == [.running])
        let known = script.events.count
        script.finishRun(.failed)
        try append(script, from: known, to: resumed)
        #expect(progress == [.finished])
    }
}
