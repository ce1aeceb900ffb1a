import ControlPlaneTypes
import Engine
import Foundation
import History
import Redaction
import Reports
import TestSupport
import Testing

@testable import CLI

private let old = String(repeating: "a", count: 40)
private let new = String(repeating: "b", count: 40)

/// The text and the JSON of `slipway status --all`.
@Suite(.timeLimit(.minutes(1))) struct OverviewReportTests {
    private func fixture() throws -> OverviewFixture {
        try OverviewFixture { world in
            world.remote["main"] = new
            world.addDeployment(named: "fine", commits: [old])
            let long = world.addDeployment(named: "a-deployment-with-a-very-long-name-indeed", commits: [old])
            world.change(long) { $0.buildOnPush = true }
            world.follow(long, .quickFailure)
            world.addDeployment(named: "empty", commits: [])
        }
    }

    private func records(_ fixture: OverviewFixture) -> [ChangeRecord] {
        let deployment = fixture.plane.world { $0.deployment(named: "fine") }
        guard let deployment else { return [] }
        return (0..<30).map { number in
            var record = ChangeRecord(
                runID: "run-\(number)", kind: number == 29 ? .rollback : .deploy,
                deployment: .init(id: deployment.id.rawValue, name: "fine"))
            // The last one began a minute before the revision was created.
            record.startedAt = Timestamp(fixture.clock.date.addingTimeInterval(Double(number - 90) * 60))
            record.verdict = number % 2 == 0 ? "failed" : "success"
            record.revisions = [
                .init(
                    id: number == 29 ? deployment.revisions.last?.id.rawValue ?? "" : "r\(number)", role: "ours",
                    status: number % 2 == 0 ? "BUILD_FAILED" : "DEPLOYED")
            ]
            if number == 29 {
                record.revisions?[0].role = "rollback"
                record.rollback = .init(
                    toRevisionID: "r1", revisionID: record.revisions?.first?.id, result: "success")
                record.reason = "answers in French"
                record.actor = .init(
                    user: "runner", host: "vm", ci: "github", ciActor: "octocat", runURL: "https://ci.example/7")
            }
            return record
        }
    }

    @Test func `lines fit, those with findings come first, and the last line counts`() async throws {
        let fixture = try fixture()
        let rows = try await fixture.read(records: records(fixture)).deployments
        let report = OverviewReport(
            rows, now: fixture.clock.date, clean: TextSanitizer(escapesCICommands: false))
        let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines[1].hasPrefix("a-deployment-with"))
        #expect(lines[1].hasSuffix("latest-failed, build-on-push"))
        #expect(lines[2].hasPrefix("empty") && lines[2].hasSuffix("never-live"))
        #expect(lines[3].hasPrefix("fine") && lines[3].contains(old.prefix(12)))
        #expect(lines[3].contains("rolled back by octocat"))
        #expect(
            lines.dropLast().last
                == "3 deployments, 1 drifted: 1 latest-failed, 1 build-on-push, 1 never-live; 2 not compared"
        )
    }

    @Test func `a live revision that no record is about has no last change, however many older ones there are`()
        async throws
    {
        let fixture = try fixture()
        let older = records(fixture).dropLast()
        let rows = try await fixture.read(records: Array(older)).deployments
        let text = OverviewReport(
            rows, now: fixture.clock.date, clean: TextSanitizer(escapesCICommands: false)
        ).text
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("fine") })
        #expect(line.contains("not recorded"))
        let json = try OverviewJSON.text(rows.filter { $0.deployment.name == "fine" })
        #expect(json.contains("\"last_change\" : null"))
    }

    @Test func `no deployments say so`() {
        let report = OverviewReport([], now: Date(), clean: TextSanitizer(escapesCICommands: false))
        #expect(report.text == "no deployments\n")
    }

    @Test func `the JSON has every key, and null for what is not known`() async throws {
        let fixture = try fixture()
        let text = try OverviewJSON.text(try await fixture.read(records: records(fixture)).deployments)
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        let fine = try #require(rows.first { $0["name"] as? String == "fine" })
        #expect(
            Set(fine.keys) == [
                "id", "name", "status", "url", "active", "under_way", "branch", "behind", "latest", "build_on_push",
                "findings", "last_change", "verdicts",
            ])
        #expect(fine["branch"] as? String == "main")
        #expect(fine["behind"] is NSNull)
        #expect(fine["build_on_push"] as? Bool == false)
        #expect(fine["findings"] as? [String] == [])
        let active = try #require(fine["active"] as? [String: Any])
        #expect(
            Set(active.keys) == [
                "id", "status", "commit_sha", "image", "created_at", "live_since", "subject", "author", "rollback_of",
            ])
        #expect(active["commit_sha"] as? String == old)
        let verdicts = try #require(fine["verdicts"] as? [String])
        #expect(verdicts.count == 20)
        #expect(verdicts.suffix(3) == ["deployed", "failed", "rolled_back"])
        let last = try #require(fine["last_change"] as? [String: Any])
        #expect(last["kind"] as? String == "rollback" && last["verdict"] as? String == "rolled_back")
        #expect(last["actor"] as? String == "octocat" && last["host"] as? String == "vm")
        #expect(last["run_url"] as? String == "https://ci.example/7")
        #expect(last["reason"] as? String == "answers in French")

        let empty = try #require(rows.first { $0["name"] as? String == "empty" })
        #expect(empty["active"] is NSNull && empty["latest"] is NSNull && empty["last_change"] is NSNull)
        #expect(empty["findings"] as? [String] == ["never-live"])
    }
}
