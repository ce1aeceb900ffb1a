import ControlPlaneTypes
import Engine
import Foundation
import Git
import History
import Redaction
import Testing

@testable import CLI

@Suite struct HistoryReportTests {
    /// 2027-01-15 08:00 UTC.
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let old = "11111111-0000-4000-8000-000000000000"
    private static let bad = "22222222-0000-4000-8000-000000000000"

    private func record(_ kind: ChangeRecord.Kind = .deploy) -> ChangeRecord {
        var record = ChangeRecord(runID: "20270115080000-x", kind: kind, deployment: .init(id: "d", name: "agent"))
        record.verdict = "success"
        record.actor = .init(
            user: "runner", host: "vm", ci: "github", ciActor: "octocat", runURL: "https://ci.example/7")
        return record
    }

    private func report(_ entries: [HistoryEntry], width: Int? = nil, names: [String] = ["agent"]) -> HistoryReport {
        let changes = names.flatMap { name in
            entries.map {
                HistoryReader.Change(deployment: DeploymentHistory(id: "d", name: name, entries: entries), entry: $0)
            }
        }
        return HistoryReport(
            changes: changes, revisionText: RevisionText(now: Self.now), showsName: names.count > 1, style: .plain,
            width: width, clean: TextSanitizer(escapesCICommands: true))
    }

    private var live: HistoryEntry {
        var entry = HistoryEntry(kind: .rolledBack(from: Self.bad, to: Self.old), revisionID: "33333333-0000")
        (entry.isLive, entry.commitSHA, entry.status) = (true, String(repeating: "a", count: 40), "DEPLOYED")
        entry.live = .init(from: Self.now.addingTimeInterval(-3700))
        var record = record(.rollback)
        record.reason = "bad prompt"
        entry.record = record
        return entry
    }

    private var failed: HistoryEntry {
        var entry = HistoryEntry(kind: .failed, revisionID: Self.bad)
        (entry.status, entry.createdAt) = ("BUILD_FAILED", Self.now.addingTimeInterval(-90_000))
        return entry
    }

    @Test func `who, why, when and from what to what`() {
        #expect(
            report([live, failed]).text == """
                33333333  rolled back from 22222222 to 11111111
                          live since 2027-01-15 06:58 UTC (1h01m)
                          commit aaaaaaaaaaaa
                          reason: bad prompt
                          by octocat on github, run 20270115080000-x
                          https://ci.example/7
                22222222  BUILD_FAILED, never live
                          2027-01-14 07:00 UTC
                          no record: only the control plane knows of it

                """)
    }

    @Test func `a failed deploy names its cause, with short ids`() {
        var entry = failed
        var record = record()
        record.verdict = "failed"
        record.revisions = [.init(id: Self.bad, role: "ours")]
        record.cause = .init(code: "BuildFailed", message: "revision \(Self.bad) ended as BUILD_FAILED")
        entry.record = record
        #expect(report([entry]).text.contains("          failed: revision 22222222 ended as BUILD_FAILED\n"))
    }

    @Test func `a run in progress, one that was cut off, and one that another machine knows are told apart`() {
        func text(_ isBeingWritten: Bool?) -> String {
            var entry = failed
            var record = record()
            (record.verdict, record.isBeingWritten) = (nil, isBeingWritten)
            record.startedAt = Timestamp(Self.now.addingTimeInterval(-3600))
            entry.record = record
            return report([entry]).text
        }
        #expect(text(true).contains("          the run is in progress\n"))
        #expect(text(false).contains("          the run did not finish\n"))
        #expect(text(nil).contains("whether it is in progress is unknown here\n"))
    }

    @Test func `the same day is named once, another one in full`() {
        var (short, long) = (live, live)
        (short.isLive, long.isLive) = (false, false)
        short.live?.to = Self.now
        long.live?.to = Self.now.addingTimeInterval(86_400)
        #expect(report([short]).text.contains("live 2027-01-15 06:58 to 08:00 UTC\n"))
        #expect(report([long]).text.contains("live 2027-01-15 06:58 to 2027-01-16 08:00 UTC\n"))
    }

    @Test func `lines fit the terminal, but links stay whole`() {
        var entry = live
        entry.record?.reason = String(repeating: "long ", count: 40)
        let lines = report([entry], width: 40).text.split(separator: "\n").map(String.init)
        #expect(lines.allSatisfy { $0.columns <= 40 || $0.contains("https://ci.example/7") })
        #expect(lines.contains { $0.hasSuffix("https://ci.example/7") })
    }

    @Test func `what others wrote stays text`() {
        var entry = live
        entry.record?.reason = "a\u{1B}[31m\n::error::x"
        entry.record?.actor?.ciActor = "\u{202E}evil"
        entry.record?.actor?.runURL = "https://x\u{1B}]0;t\u{7}"
        let text = report([entry]).text
        #expect(!text.unicodeScalars.contains { $0.value == 0x1B || $0.value == 7 || $0.value == 0x202E })
        #expect(!text.contains("\n::error"))
        #expect(text.split(separator: "\n").count == 6)
    }

    @Test func `several deployments are told apart`() {
        let text = report([live], names: ["one", "two"]).text
        #expect(text.contains("one  33333333  rolled") && text.contains("two  33333333  rolled"))
    }

    @Test func `JSON has every key`() throws {
        let json = try report([live, failed]).json()
        let document = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let entries = try #require(document["entries"] as? [[String: Any]])
        #expect(document["schema_version"] as? Int == 1)
        #expect(Set(entries[0].keys) == Set(entries[1].keys))
        #expect(entries[0]["live_from"] as? String == "2027-01-15T06:58:20.000Z")
        #expect(entries[1]["record"] is NSNull && entries[1]["rollback"] is NSNull)
    }

    @Test(arguments: ["2027-01-14", "2027-01-14T00:00:00Z", "32h", "1920m"])
    func `a start is a date, a time or a duration before now`(text: String) {
        #expect(HistoryStart.date(text, now: Self.now) == Date(timeIntervalSince1970: 1_799_884_800))
    }

    @Test(arguments: ["yesterday", "2027-13-40", "T", "", "2027-01-14T25"])
    func `other words are no start`(text: String) {
        #expect(HistoryStart.date(text, now: Self.now) == nil)
    }
}
