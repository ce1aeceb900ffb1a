import ControlPlaneTypes
import Engine
import Foundation
import History
import Redaction
import Reports
import Steps
import TestSupport
import Testing

@testable import CLI
@testable import Git

@Suite struct StatusReportTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func revision(_ id: String, _ status: RevisionStatus, commit: String?, age: Double) -> Revision {
        var revision = Revision(id: RevisionID(id), status: status)
        revision.createdAt = Timestamp(Self.now.addingTimeInterval(-age))
        revision.sourceRevisionConfig = SourceRevisionConfig()
        revision.sourceRevisionConfig?.repoCommitSHA = commit
        return revision
    }

    private var report: StatusReport {
        var deployment = Deployment(id: DeploymentID("d1"), name: "agent", source: .github, status: .ready)
        deployment.activeRevisionID = RevisionID("r1")
        deployment.url = "https://agent.example"
        let revisions = [
            revision("r2", .building, commit: nil, age: 10),
            revision("r1", .deployed, commit: String(repeating: "a", count: 40), age: 3700),
        ]
        return StatusReport(
            snapshots: [DeploymentSnapshot(deployment: deployment, revisions: revisions)],
            revisionText: RevisionText(now: Self.now))
    }

    @Test func `shows the live revision with its age and commit, and what is in progress`() {
        #expect(
            report.text(TextSanitizer(escapesCICommands: false)) == """
                agent  d1  READY
                  live         r1  DEPLOYED  commit aaaaaaaaaaaa  1h01m ago (2027-01-15 06:58 UTC)
                  in progress  r2  BUILDING  commit unknown  10s ago (2027-01-15 07:59 UTC)
                  url          https://agent.example

                """)
    }

    private func record(_ run: String, revision: String, isBeingWritten: Bool = false) -> ChangeRecord {
        var record = ChangeRecord(runID: run, kind: .rollback, deployment: .init(id: "d1", name: "agent"))
        record.startedAt = Timestamp(Self.now.addingTimeInterval(-120))
        record.actor = .init(user: "kim", host: "laptop")
        record.isBeingWritten = isBeingWritten
        guard !isBeingWritten else { return record }
        record.finishedAt = Timestamp(Self.now.addingTimeInterval(-60))
        (record.verdict, record.reason) = ("success", "answers in French")
        record.revisions = [.init(id: revision, role: "rollback", status: "DEPLOYED")]
        record.before = .init(revisionID: "r0")
        record.rollback = .init(toRevisionID: "r-1", revisionID: revision, result: "success")
        return record
    }

    private func changes(_ records: ChangeRecord...) -> DeploymentChanges {
        let known = RecordedChanges(records, live: "r1", latest: "r2", now: Self.now)
        return DeploymentChanges(changes: [DeploymentID("d1"): known])
    }

    @Test func `who made it live, when and why, and which run is in progress`() throws {
        var report = report
        report.changes = changes(record("run-1", revision: "r1"), record("run-2", revision: "", isBeingWritten: true))
        let text = report.text(TextSanitizer(escapesCICommands: false))
        #expect(text.contains("  back by      kim on laptop, 1m00s ago (2027-01-15 07:59 UTC), run run-1\n"))
        #expect(text.contains("  reason       answers in French\n"))
        #expect(text.contains("  running      rollback by kim on laptop, for 2m00s, run run-2\n"))
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [[String: Any]])
        let made = try #require(rows.first?["made_live"] as? [String: Any])
        #expect(made["actor"] as? String == "kim" && made["reason"] as? String == "answers in French")
        // The keys of a revision are those that they were.
        let live = try #require(rows.first?["active"] as? [String: Any])
        #expect(Set(live.keys) == ["id", "status", "commit_sha", "created_at", "live_since"])
    }

    @Test func `what was recorded of another revision is not told of the live one`() {
        var report = report
        report.changes = changes(record("run-1", revision: "other"))
        let text = report.text(TextSanitizer(escapesCICommands: false))
        #expect(!text.contains("kim") && !text.contains("answers in French"))
    }

    @Test func `an upload shows its commit and an image its name`() throws {
        var uploaded = revision("r1", .deployed, commit: nil, age: 10)
        uploaded.sourceRevisionConfig?.sourceTarballPath = "d/1.tar.gz"
        var image = revision("r2", .building, commit: nil, age: 5)
        image.source = .externalDocker
        image.sourceRevisionConfig?.imageURI = "r/a@sha256:00"
        var deployment = Deployment(id: DeploymentID("d1"), name: "agent", source: .internalSource, status: .ready)
        deployment.activeRevisionID = RevisionID("r1")
        let report = StatusReport(
            snapshots: [DeploymentSnapshot(deployment: deployment, revisions: [image, uploaded])],
            revisionText: RevisionText(now: Self.now),
            uploads: ["d/1.tar.gz": String(repeating: "c", count: 40)])
        let text = report.text(TextSanitizer(escapesCICommands: false))
        #expect(text.contains("r1  DEPLOYED  commit cccccccccccc  10s ago"))
        #expect(text.contains("r2  BUILDING  image r/a@sha256:00  5.0s ago"))
        #expect(try report.json().contains(String(repeating: "c", count: 40)))
    }

    @Test func `the JSON is an array with the same data`() throws {
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [[String: Any]])
        #expect(rows.count == 1)
        #expect(rows.first?["name"] as? String == "agent")
        #expect((rows.first?["active"] as? [String: Any])?["id"] as? String == "r1")
        #expect((rows.first?["under_way"] as? [Any])?.count == 1)
    }

    @Test func `says what it is, who made it, what it undid and since when it is live`() throws {
        let (good, bad) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
        var live = revision("r3-redeploy", .deployed, commit: good, age: 300)
        live.updatedAt = Timestamp(Self.now.addingTimeInterval(-36))
        var deployment = Deployment(id: DeploymentID("d1"), name: "agent", source: .github, status: .ready)
        deployment.activeRevisionID = live.id
        let revisions = [
            live, revision("r2-bad", .deployed, commit: bad, age: 600),
            revision("r1-good", .deployed, commit: good, age: 900),
        ]
        var text = RevisionText(now: Self.now)
        let commit = try #require(CommitID(good))
        text.commits[good] = Commit(
            id: commit, authorName: "Ada", authorEmail: "ada@example.com", subject: "Answer in verse",
            committedAt: Self.now)
        let report = StatusReport(
            snapshots: [DeploymentSnapshot(deployment: deployment, revisions: revisions)], revisionText: text)
        let line = report.text(TextSanitizer(escapesCICommands: false)).split(separator: "\n").dropFirst().first
        #expect(
            line == """
                  live         r3-redeploy  DEPLOYED  commit aaaaaaaaaaaa  "Answer in verse" by Ada  \
                rollback of r2-bad to r1-good  36s ago (2027-01-15 07:59 UTC)
                """)
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [[String: Any]])
        let active = try #require(rows.first?["active"] as? [String: Any])
        #expect(active["live_since"] as? String == live.updatedAt?.text)
        #expect(active["rollback_of"] as? String == "r2-bad")
        #expect(active["subject"] as? String == "Answer in verse")
        #expect(active["author"] as? String == "Ada")
    }

    @Test func `an empty list says so`() {
        let empty = StatusReport(snapshots: [], revisionText: RevisionText(now: Self.now))
        #expect(empty.text(TextSanitizer(escapesCICommands: false)) == "no deployments\n")
    }
}
