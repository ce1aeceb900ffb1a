import ControlPlaneTypes
import Engine
import TestSupport
import Testing

@testable import Steps

@Suite struct ImmutableFieldCheckTests {
    private func code(
        _ deployment: Deployment, source: DeploymentSource? = .github,
        repoURL: String? = "https://github.com/octo/agent"
    ) -> String? {
        let wanted = DesiredRevision(
            sha: "ab", repoRef: "main", configPath: "langgraph.json", source: source, repoURL: repoURL)
        return ImmutableFieldCheck.find(between: wanted, and: deployment)?.code
    }

    @Test func `the same source and repository match`() {
        #expect(code(.sample()) == nil)
        #expect(code(.sample(), source: nil) == nil)
    }

    @Test(arguments: [
        "git@github.com:octo/agent.git", "ssh://git@github.com/octo/agent", "https://github.com/octo/agent.git",
    ])
    func `row 51: spellings of one repository match`(url: String) {
        #expect(code(.sample(), repoURL: url) == nil)
        #expect(code(.sample(repoURL: url)) == nil)
    }

    @Test func `row 51: another repository does not`() {
        #expect(code(.sample(), repoURL: "https://github.com/octo/other") == "RepositoryMismatch")
    }

    @Test func `row 51: another source does not`() {
        #expect(code(.sample(), source: .internalSource) == "SourceMismatch")
    }

    @Test func `a repository that one side does not know contradicts nothing`() {
        #expect(code(.sample(), repoURL: nil) == nil)
        #expect(code(.sample(repoURL: nil)) == nil)
    }

    @Test(arguments: [DeploymentStatus.awaitingDelete, .awaitingFinalDelete])
    func `row 26: a deployment on its way out is refused`(status: DeploymentStatus) {
        #expect(code(.sample(status: status)) == "DeploymentBeingDeleted")
    }

    @Test(arguments: [DeploymentStatus.awaitingDatabase, .ready, .unused, .unknown])
    func `row 26: one that waits for its database is not`(status: DeploymentStatus) {
        #expect(code(.sample(status: status)) == nil)
    }
}
