import ControlPlaneTypes
import Engine
import Foundation
import Testing

@testable import History

/// Which of several records tells of a revision, and since when it is live: the same wherever it is shown.
@Suite struct RevisionMakersTests {
    private static let start = Date(timeIntervalSince1970: 1_772_366_400)
    /// Ten minutes after the revision was created.
    private static let now = start.addingTimeInterval(600)

    private func stamp(_ seconds: Double) -> Timestamp {
        Timestamp(text: EventTimestamp.text(from: Self.start.addingTimeInterval(seconds)))
    }

    /// A deploy of the revision whose run began so many seconds after it was created, by its own clock.
    private func note(_ run: String, at seconds: Double, sawIt seen: Double? = nil) -> ChangeRecord {
        var record = ChangeRecord(runID: run, kind: .deploy, deployment: .init(id: "d", name: "agent"))
        (record.startedAt, record.finishedAt) = (stamp(seconds), stamp(seconds + 60))
        record.verdict = "success"
        record.revisions = [
            .init(id: "r", role: "ours", status: "DEPLOYED", commitSHA: "c-" + run, deployedAt: seen.map(stamp))
        ]
        return record
    }

    private func journal(_ run: String, at seconds: Double, sawIt seen: Double? = nil) -> ChangeRecord {
        var record = note(run, at: seconds, sawIt: seen)
        record.kind = .rollback
        record.isBeingWritten = false
        record.reason = "INC-42"
        record.revisions?[0].role = "rollback"
        record.before = .init(revisionID: "bad")
        record.rollback = .init(toRevisionID: "good", revisionID: "r", result: "success")
        return record
    }

    private struct Shown {
        let history: HistoryEntry?
        let status: RecordedChanges
        let since: Date?
    }

    /// What `history` and `status` make of the records of the live revision, created at 0 and deployed at 120.
    private func shown(_ records: [ChangeRecord], times: RevisionTimes? = nil) -> Shown {
        let times =
            times ?? RevisionTimes(createdAt: Self.start, updatedAt: Self.start.addingTimeInterval(120))
        var listed = HistoryTimeline.ListedRevision(id: "r", status: .deployed)
        (listed.createdAt, listed.updatedAt) = (times.createdAt, times.updatedAt)
        let timeline = HistoryTimeline(
            deployment: "d", revisions: [listed], live: "r", records: records.shuffled(), now: Self.now)
        let status = RecordedChanges(
            records.shuffled(), live: "r", latest: "r", times: ["r": times], now: Self.now)
        return Shown(
            history: timeline.entries.first { $0.isLive }, status: status, since: status.wentLive(times))
    }

    private func expect(_ run: String?, since: Double = 120, of records: [ChangeRecord]) {
        let shown = shown(records)
        #expect(shown.history?.record?.runID == run)
        #expect(shown.status.ofLive?.record.runID == run)
        #expect(shown.status.last?.record.runID == run)
        #expect(shown.history?.live?.from == Self.start.addingTimeInterval(since))
        #expect(shown.since == Self.start.addingTimeInterval(since))
    }

    @Test(arguments: [1e9, 60, 0, -5, -1e9]) func `the journal of this machine is believed before any note`(
        began: Double
    ) {
        let records = [journal("own", at: -10), note("other", at: began, sawIt: 30)]
        expect("own", of: records)
        let shown = shown(records)
        #expect(shown.history?.kind == .rolledBack(from: "bad", to: "good"))
        #expect(shown.history?.record?.reason == "INC-42")
        #expect(shown.status.undone(by: "r") == "bad")
        #expect(shown.status.revision("r")?.commitSHA == "c-own" && shown.status.revision("r")?.role == "rollback")
    }

    @Test func `of notes the run counts that began last before the revision was created`() {
        expect("near", of: [note("far", at: -3600), note("near", at: -10), note("early", at: -1e9)])
        expect("near", of: [note("near", at: -10), note("future", at: 1e9)])
        expect("future", of: [note("future", at: 1e9)])
    }

    @Test func `a run that began when the revision existed has not made it`() {
        expect("near", of: [note("near", at: -3000), note("follower", at: 400)])
        expect(nil, of: [note("follower", at: 400, sawIt: 30)])
        // Clocks differ by minutes, and that of this machine may be the wrong one.
        expect("skewed", of: [note("skewed", at: 200)])
        expect("own", of: [journal("own", at: 400)])
        expect("near", of: [note("near", at: -10), journal("follower", at: 400)])
    }

    @Test(arguments: [(-10.0, true), (200, true), (400, false), (1e9, true)])
    func `what says what a revision is agrees with the history`(began: Double, isMade: Bool) {
        let times = RevisionTimes(createdAt: Self.start, updatedAt: Self.start.addingTimeInterval(120))
        let record = note("a", at: began)
        let makers = RevisionMakers([record], times: ["r": times], now: Self.now)
        #expect(makers.isMaker(record, of: "r") == isMade)
        #expect((shown([record]).history?.record != nil) == isMade)
    }

    @Test func `the control plane's time counts, unless a run saw the revision live before`() {
        // It was watched by a run that was killed, and resumed later.
        expect("late", of: [note("late", at: -10, sawIt: 480)])
        expect("early", since: 90, of: [note("early", at: -10, sawIt: 90)])
        expect("old", of: [note("old", at: -10, sawIt: -1e9)])
        expect("behind", of: [note("behind", at: -700, sawIt: -480)])
        let unknown = shown([note("late", at: -10, sawIt: 480)], times: RevisionTimes(createdAt: Self.start))
        #expect(unknown.since == Self.start.addingTimeInterval(480) && unknown.history?.live?.from == unknown.since)
        let future = shown([note("late", at: -10, sawIt: 1e6)], times: RevisionTimes(createdAt: Self.start))
        #expect(future.since == Self.start && future.history?.live?.from == Self.start)
    }

    @Test func `where the revision was not read, no time before its deployment is believed`() {
        let seen = { (seconds: Double) in
            RecordedChanges([note("a", at: -10, sawIt: seconds)], live: "r", now: Self.now)
                .wentLive(inDeploymentCreatedAt: Self.start.addingTimeInterval(-60))
        }
        #expect(seen(30) == Self.start.addingTimeInterval(30))
        #expect(seen(-1e9) == nil && seen(1e9) == nil)
    }

    @Test func `history and status agree on any records`() {
        let starts: [Double] = [-1e9, -700, -10, 0, 200, 400, 1e9]
        let sights: [Double?] = [nil, -1e9, 30, 130, 480, 1e9]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let records = (0..<Int.random(in: 0...4, using: &generator)).map { number -> ChangeRecord in
                let began = starts.randomElement(using: &generator) ?? 0
                let seen = sights.randomElement(using: &generator) ?? nil
                let make = Bool.random(using: &generator) ? note : journal
                return make("run\(number)", began, seen)
            }
            let shown = shown(records)
            #expect(shown.history?.record == shown.status.ofLive?.record, "\(records)")
            #expect(shown.history?.live?.from == shown.since, "\(records)")
        }
    }

    @Test func `a removed revision that two records name is told once`() {
        var removed = [note("near", at: -10), note("other", at: -5)]
        for index in removed.indices { removed[index].revisions?[0].id = "gone" }
        var listed = HistoryTimeline.ListedRevision(id: "r", status: .deployed)
        listed.createdAt = Self.start
        let timeline = HistoryTimeline(deployment: "d", revisions: [listed], live: "r", records: removed, now: Self.now)
        #expect(timeline.entries.map(\.revisionID) == ["r", "gone"])
    }
}
