import ControlPlaneTypes
import Foundation
import Redaction
import Reports
import Steps
import TestSupport
import Testing

@testable import CLI

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
            snapshots: [DeploymentSnapshot(deployment: deployment, revisions: revisions)], now: Self.now)
    }

    @Test func `shows the live revision with its age and commit, and what is in progress`() {
        #expect(
            report.text(TextSanitizer(escapesCICommands: false)) == """
                agent  d1  READY
                  live         r1  DEPLOYED  commit aaaaaaaaaaaa  1h01m ago
                  in progress  r2  BUILDING  commit unknown  10s ago
                  url          https://agent.example

                """)
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
            snapshots: [DeploymentSnapshot(deployment: deployment, revisions: [image, uploaded])], now: Self.now,
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

    @Test func `an empty list says so`() {
        let empty = StatusReport(snapshots: [], now: Self.now)
        #expect(empty.text(TextSanitizer(escapesCICommands: false)) == "no deployments\n")
    }
}
