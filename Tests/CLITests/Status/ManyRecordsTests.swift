import ControlPlaneTypes
import Engine
import Foundation
import History
import TestSupport
import Testing

@testable import CLI

private let commit = String(repeating: "a", count: 40)

/// Ten thousand records: doubled, out of order, and from other clones.
@Suite(.timeLimit(.minutes(2))) struct ManyRecordsTests {
    private static let deployments = 100
    private static let changes = 100

    private let fixture: OverviewFixture
    private let records: [ChangeRecord]

    init() throws {
        let fixture = try OverviewFixture { world in
            for number in 0..<Self.deployments { world.addDeployment(named: "agent-\(number)", commits: [commit]) }
        }
        self.fixture = fixture
        let known = fixture.plane.world(\.deployments)
        records = known.enumerated().flatMap { number, deployment in
            (0..<Self.changes).map { change in
                Self.record(
                    number, change, of: deployment.id.rawValue, live: deployment.revisions[0].id.rawValue,
                    now: fixture.clock.date)
            }
        }
    }

    /// The last one made the live revision; what the others made is gone.
    private static func record(_ number: Int, _ change: Int, of id: String, live: String, now: Date) -> ChangeRecord {
        let isLast = change == changes - 1
        var record = ChangeRecord(
            runID: "run-\(number)-\(change)", kind: .deploy, deployment: .init(id: id, name: "agent-\(number)"))
        let began = now.addingTimeInterval(-3660 - Double(changes - 1 - change) * 3600)
        (record.startedAt, record.finishedAt) = (Timestamp(began), Timestamp(began.addingTimeInterval(30)))
        let isGood = isLast || change % 3 != 0
        record.verdict = isGood ? "success" : "failed"
        record.revisions = [
            .init(
                id: isLast ? live : "gone-\(number)-\(change)", role: "ours",
                status: isGood ? "DEPLOYED" : "BUILD_FAILED")
        ]
        return record
    }

    /// Each record two or three times, some as a clone saw them before their run had ended.
    private var mixed: (journals: [ChangeRecord], notes: [ChangeRecord]) {
        let early = records.enumerated().filter { $0.offset % 7 == 0 }.map { _, record in
            var early = record
            (early.verdict, early.finishedAt, early.revisions) = (nil, nil, nil)
            return early
        }
        let own = records.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        return (own.shuffled(), (records + early + records).shuffled())
    }

    @Test func `the first page has the last change and the last twenty verdicts of each deployment`() async throws {
        let (journals, notes) = mixed
        let joined = ChangeRecords.joined(journals: journals, notes: notes)
        let rows = try await fixture.read(records: joined).deployments
        #expect(rows.count == Self.deployments)
        let wanted = (0..<Self.changes).suffix(20).map { $0 == Self.changes - 1 || $0 % 3 != 0 ? "deployed" : "failed" }
        for (number, row) in rows.enumerated() {
            #expect(row.changes.changes.count == Self.changes)
            #expect(row.changes.last?.record.runID == "run-\(number)-\(Self.changes - 1)")
            let json = OverviewJSON(row)
            #expect(json.verdicts == wanted && json.lastChange?.verdict == "deployed")
        }
        #expect(fixture.requests.count <= OverviewReader.budget)
    }

    @Test func `the history of one deployment is its own, each change once, newest first`() async throws {
        let folder = try TemporaryFolder()
        let reader = HistoryReader(
            client: fixture.client,
            lookup: RecordLookup(
                state: StatePaths(flag: folder.path, environment: [:]), folder: folder.path, clock: fixture.clock),
            notes: mixed.notes, uploads: [:], limit: 20, since: nil, now: fixture.clock.date)
        let histories = try await reader.read("agent-7")
        #expect(histories.map(\.entries.count) == [Self.changes])
        let shown = reader.newest(of: histories)
        #expect(shown.map { $0.entry.record?.runID } == (80..<100).reversed().map { "run-7-\($0)" })
        #expect(shown.map(\.entry.isLive) == [true] + Array(repeating: false, count: 19))
    }
}
