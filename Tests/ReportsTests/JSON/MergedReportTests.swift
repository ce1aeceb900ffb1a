import Engine
import Foundation
import TestSupport
import Testing

@testable import Reports

struct MergedReportTests {
    private func report(_ scripts: RunScript...) throws -> [String: Any] {
        let text = try MergedReport(scripts.map { RunSummary(events: $0.events) }).pretty()
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `the runs stand in it as they would alone`() throws {
        let merged = try report(.deployed, .failedAndRolledBack)
        #expect(merged["schema_version"] as? Int == 1)
        #expect(merged["result"] as? String == "failure")
        #expect(merged["exit_code"] as? Int == 1)
        #expect(merged["started_at"] as? String == "2026-03-01T12:00:00.000Z")
        let runs = try #require(merged["runs"] as? [[String: Any]])
        #expect(runs.map { $0["result"] as? String } == ["success", "failure"])
        #expect(runs.allSatisfy { $0["steps"] is [Any] })
    }

    @Test func `what has not ended leaves the end open`() throws {
        let merged = try report(.deployed, .made)
        #expect(merged["result"] is NSNull)
        #expect(merged["finished_at"] is NSNull)
    }

    @Test(
        arguments: [
            ([], .success), ([.success, .success], .success), ([.success, .changesPending], .changesPending),
            ([.failed, .timedOut], .failed), ([.timedOut, .failed], .timedOut), ([.failed, .terminated], .terminated),
            ([.terminated, .rollbackFailed], .rollbackFailed), ([.success, nil], nil), ([nil, .failed], .failed),
        ] as [([Verdict?], Verdict?)])
    func `the worst of the verdicts counts`(verdicts: [Verdict?], merged: Verdict?) {
        #expect(Verdict.merged(verdicts) == merged)
    }

    @Test
    func `it is valid by its schema`() async throws {
        let text = try MergedReport(
            [.deployed, .cutOff, .refused].map { RunSummary(events: ($0 as RunScript).events) }
        )
        .pretty().replacing("\n", with: "")
        let answer = try await Tool.jsonSchema([text], schema: Tool.schema("merged-report.schema.json"))
        #expect(answer.isGood, "\(answer.text)")
    }
}
