import Engine
import Foundation
import Testing
import WorkflowModel

@testable import CLI

@Suite struct JobDeadlineTests {
    private func timeout(
        _ given: String = "30m", started: String = "2026-11-21T03:00:00Z", limit: String = "3600",
        after seconds: Double = 0, ci: String = "true"
    ) throws -> Value? {
        let now = try Date("2026-11-21T03:00:00Z", strategy: .iso8601).addingTimeInterval(seconds)
        let environment = ["GITLAB_CI": ci, "CI_JOB_TIMEOUT": limit, "CI_JOB_STARTED_AT": started]
        return try JobDeadline.bounding(["timeout": .string(given)], environment: environment, now: now)["timeout"]
    }

    @Test func `a job that lasts longer changes nothing`() throws {
        #expect(try timeout() == "30m")
        #expect(try timeout(after: 1740) == "30m")
    }

    @Test func `a minute before the job's end is the last moment`() throws {
        #expect(try timeout(after: 1800) == "1740s")
        #expect(try timeout(limit: "600", after: 30) == "510s")
        #expect(try timeout("2h") == "3540s")
    }

    @Test func `the start may have another offset`() throws {
        #expect(try timeout(started: "2026-11-21T05:00:00+02:00", limit: "600") == "540s")
    }

    @Test func `outside of GitLab, and where it says nothing of use, nothing is bounded`() throws {
        #expect(try timeout(limit: "600", ci: "") == "30m")
        for limit in ["", "soon", "0", "-5"] { #expect(try timeout(limit: limit) == "30m") }
        for start in ["", "yesterday"] { #expect(try timeout(started: start, limit: "600") == "30m") }
    }

    @Test(arguments: [3481.0, 3600, 9999])
    func `too little time is refused before anything is changed`(seconds: Double) {
        #expect { try timeout(after: seconds) } throws: { ($0 as? StepFailure)?.code == "JobTooShort" }
    }
}
