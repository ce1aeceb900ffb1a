import Clocks
import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct RevisionAssessmentTests {
    @Test(arguments: [
        (RevisionStatus.creating, RevisionAssessment.underWay), (.queued, .underWay), (.awaitingBuild, .underWay),
        (.building, .underWay), (.awaitingDeploy, .underWay), (.deploying, .underWay),
        (.createFailed, .failed(.createFailed)), (.buildFailed, .failed(.buildFailed)),
        (.deployFailed, .failed(.deployFailed)), (.deployed, .deployed), (.skipped, .superseded),
        (.interrupted, .interrupted), (.unknown, .unknown(.unknown)),
    ])
    func `each of the thirteen statuses means`(status: RevisionStatus, assessment: RevisionAssessment) {
        #expect(RevisionAssessment.assess(.sample("a", status), sha: "ab") == assessment)
    }

    @Test func `row 19: an unknown status is none of them`() {
        let status = RevisionStatus(rawValue: "WARMING_UP")
        #expect(RevisionAssessment.assess(.sample("a", status), sha: "ab") == .unknown(status))
    }

    @Test(arguments: RevisionStatus.known)
    func `row 28: another commit is a mismatch in every status`(status: RevisionStatus) {
        #expect(RevisionAssessment.assess(.sample("a", status, commit: "cd"), sha: "ab") == .mismatch(built: "cd"))
    }

    @Test func `our commit, in whatever case, is no mismatch`() {
        #expect(RevisionAssessment.assess(.sample("a", .building, commit: "AB"), sha: "ab") == .underWay)
    }

    @Test func `without a commit to compare with there is no mismatch`() {
        #expect(RevisionAssessment.assess(.sample("a", .building, commit: "cd"), sha: nil) == .underWay)
    }
}

@Suite struct HalfTimeReminderTests {
    private func instant(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceStart: .seconds(seconds)) }

    @Test func `row 21: half of the time is told once`() {
        var patience = HalfTimeReminder(from: instant(10), to: instant(30))
        let answers = [19, 20, 25].map { patience.isHalfOver(at: instant($0)) }
        #expect(answers == [false, true, false])
    }

    @Test func `time without an end has no half`() {
        var patience = HalfTimeReminder(from: instant(0), to: nil)
        let answer = patience.isHalfOver(at: instant(100_000))
        #expect(!answer)
    }
}

@Suite struct ConcurrentDeployCheckTests {
    @Test(arguments: [
        (["r3", "r1"], [RevisionID]?.some([])), (["r3", "r2", "r1"], ["r2"]), (["r4", "r3", "r1"], []),
        (["r4", "r3", "r2b", "r2a", "r1"], ["r2b", "r2a"]), (["r2", "r1"], nil), ([], nil),
    ])
    func `what stands between ours and what was known has slipped in`(listed: [String], intruders: [RevisionID]?) {
        let found = ConcurrentDeployCheck.intruders(before: "r3", in: listed.map { .sample($0) }, known: ["r1", "r0"])
        #expect(found == intruders)
    }
}
