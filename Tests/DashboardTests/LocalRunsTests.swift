import Engine
import Foundation
import Reports
import TestSupport
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct LocalRunsTests {
    @Test func `a run whose process is gone is not in progress, without a word in its journal`() async throws {
        let folder = try TemporaryFolder()
        let runs = LocalRuns(stateFolder: folder.path)
        let path = RunRetention.journal(in: folder.path + "/runs/20260301120000-a")
        var script = RunScript()
        script.startRun()
        var journal: FileJournal? = try FileJournal(creating: path)
        for event in script.events { try journal?.append(event, durably: false) }
        #expect(await runs.all.map(\.isRunning) == [true])
        #expect(await page(runs).contains("in progress"))
        journal = nil
        #expect(await runs.all.map(\.isRunning) == [false])
        let ended = await page(runs)
        #expect(ended.contains("did not finish") && !ended.contains("in progress") && !ended.contains("IN PROGRESS"))
    }

    private func page(_ runs: LocalRuns) async -> String {
        RunsPage(runs: await runs.all, parts: PageParts(now: RunScript.start)).content.body.map(\.markup).joined()
    }
}
