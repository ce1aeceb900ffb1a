import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import Testing

@testable import Steps

@Suite struct RevisionPrefixTests {
    private let revisions: [Revision] = [.sample("abcd-1"), .sample("abce-2", .buildFailed), .sample("f00d-3")]

    private func failure(_ text: String) -> StepFailure? {
        #expect(throws: StepFailure.self) {
            try RevisionPrefix.choose(text, among: revisions, of: "agent")
        }
    }

    @Test func `one that begins like that is meant`() throws {
        #expect(try RevisionPrefix.choose("f", among: revisions, of: "agent") == "f00d-3")
        #expect(try RevisionPrefix.choose("abce", among: revisions, of: "agent") == "abce-2")
    }

    @Test func `more than one is an error that names them`() {
        let failure = failure("abc")
        #expect(failure?.verdict == .usage)
        #expect(failure?.code == "AmbiguousRevision")
        #expect(failure?.message.contains("abcd-1 (DEPLOYED), abce-2 (BUILD_FAILED)") == true)
    }

    @Test(arguments: ["x", "abcd-11", ""])
    func `none is an error`(text: String) {
        #expect(failure(text)?.code == "UnknownRevision")
    }

    @Test func `one behind the newest hundred is found`() async throws {
        let trial = WorkflowHarness {
            $0.addDeployment(commits: (0..<150).map { String(repeating: "\($0 % 10)", count: 40) })
        }
        let key = trial.plane.world(\.key)
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: key, source: "test"), transport: trial.plane, clock: trial.clock,
            jitter: { 0 })
        let oldest = trial.plane.world { $0.deployments.first?.revisions.first?.id }
        let id = try #require(oldest)
        let found = try await VirtualTimeExecutor.run(on: trial.clock) {
            let deployment = try #require(try await client.deployment(named: "agent"))
            return try await RevisionPrefix.find(
                String(id.rawValue.prefix(8)).uppercased(), of: deployment, client: client)
        }
        #expect(found == id)
    }
}
