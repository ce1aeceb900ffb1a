import ControlPlaneTypes
import Testing

@testable import Steps

@Suite struct RevisionAssessmentTests {
    @Test(arguments: [
        (RevisionStatus.creating, RevisionAssessment.inProgress), (.queued, .inProgress), (.awaitingBuild, .inProgress),
        (.building, .inProgress), (.awaitingDeploy, .inProgress), (.deploying, .inProgress),
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
        #expect(RevisionAssessment.assess(.sample("a", .building, commit: "AB"), sha: "ab") == .inProgress)
    }

    @Test(arguments: [
        ("0123456", RevisionAssessment.inProgress), ("0123456789ABCDEF", .inProgress),
        ("012345", .mismatch(built: "012345")), ("0123457", .mismatch(built: "0123457")),
        ("main000", .mismatch(built: "main000")),
    ])
    func `the beginning of our commit is our commit`(built: String, assessment: RevisionAssessment) {
        let sha = "0123456789abcdef0123456789abcdef01234567"
        #expect(RevisionAssessment.assess(.sample("a", .building, commit: built), sha: sha) == assessment)
    }

    @Test func `without a commit to compare with there is no mismatch`() {
        #expect(RevisionAssessment.assess(.sample("a", .building, commit: "cd"), sha: nil) == .inProgress)
    }
}
