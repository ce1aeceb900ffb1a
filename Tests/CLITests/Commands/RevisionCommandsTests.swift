import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import TestSupport
import Testing

@testable import CLI

@Suite struct RevisionsCommandTests {
    let fixture: ResourceFixture
    var stub: StubTransport { fixture.stub }
    let id = ResourceFixture.deploymentID
    let revision = ResourceFixture.revisionID
    var root: String { "/v2/deployments/\(id)" }

    init() throws {
        fixture = try ResourceFixture()
    }

    private func row(_ id: String, _ status: String = "DEPLOYED") -> String {
        #"{"id":"\#(id)","status":"\#(status)","created_at":"2027-01-15T07:59:50Z","source_revision_config":"#
            + #"{"repo_ref":"main","repo_commit_sha":"0123456789abcdef0123"}}"#
    }

    @Test func `the table marks the live revision`() async throws {
        stub.on(
            .get, root + "/revisions?status=DEPLOYED%2CSKIPPED&remote_reconciled=false&limit=2&offset=0",
            .json(ResourceFixture.page(row(revision), row("bbbbbbbb-0000-4000-8000-000000000002", "SKIPPED"))))
        stub.on(.get, root, .json(ResourceFixture.deployment(#""name":"agent","active_revision_id":"\#(revision)""#)))
        try await fixture.run(
            RevisionsListCommand.self,
            [id, "--status", "deployed", "--status", "SKIPPED", "--remote-reconciled", "false", "--limit", "2"])
        #expect(
            fixture.output == """
                ID                                    STATUS    LIVE  COMMIT        FROM  AGE
                bbbbbbbb-0000-4000-8000-000000000001  DEPLOYED  live  0123456789ab  main  10s
                bbbbbbbb-0000-4000-8000-000000000002  SKIPPED   -     0123456789ab  main  10s

                """)
    }

    @Test func `a revision may be named by an unambiguous prefix`() async throws {
        let second = "bbbbbbbb-1111-4000-8000-000000000001"
        stub.onEvery(.get, root + "/revisions", .json(ResourceFixture.page(row(revision), row(second))))
        stub.on(.get, root + "/revisions/" + second, .json(row(second)))
        try await fixture.run(RevisionsGetCommand.self, [id, "BBBBBBBB-11"])
        for (digits, verdict) in [("bbbb", Verdict.usage), ("cccc", .failed)] {
            let error = await #expect(throws: StepFailure.self) {
                try await fixture.run(RevisionsGetCommand.self, [id, digits])
            }
            #expect(error?.verdict == verdict)
        }
        #expect(throws: (any Error).self) { try RevisionsGetCommand.parse([id, "bbb"]) }
    }

    @Test func `flags set the source of a new revision`() async throws {
        stub.on(.post, root + "/revisions", .json(row(revision, "QUEUED"), status: 201))
        try await fixture.run(
            RevisionsCreateCommand.self,
            [id, "--ref", "main", "--config", "./langgraph.json", "--build-command", "make"])
        #expect(
            fixture.sentBody
                == #"{"source_revision_config":{"repo_ref":"main","langgraph_config_path":"langgraph.json"},"#
                + #""source_config":{"build_command":"make"}}"#)
        #expect(fixture.output == "created revision \(revision), status QUEUED\n")
    }

    @Test(arguments: [404, 405])
    func `an older control plane creates the revision by a patch`(status: Int) async throws {
        stub.on(.post, root + "/revisions", .status(status))
        stub.on(.get, root, .json(ResourceFixture.deployment(#""name":"agent","latest_revision_id":"r1""#)))
        stub.on(.patch, root, .json(ResourceFixture.deployment(#""latest_revision_id":"\#(revision)""#)))
        stub.on(.get, root + "/revisions/" + revision, .json(row(revision)))
        try await fixture.run(RevisionsCreateCommand.self, [id, "--ref", "main", "--output", "json"])
        #expect(fixture.output.contains(#""id": "\#(revision)""#))
        stub.expectAllUsed()
    }

    @Test func `a patch that creates no revision is a failure`() async throws {
        stub.on(.post, root + "/revisions", .status(404))
        stub.on(.get, root, .json(ResourceFixture.deployment(#""name":"agent","latest_revision_id":"r1""#)))
        stub.on(.patch, root, .json(ResourceFixture.deployment(#""latest_revision_id":"r1""#)))
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(RevisionsCreateCommand.self, [id])
        }
        #expect(error?.code == "NoRevision")
    }

    private var redeploy: String { root + "/revisions/\(revision)/redeploy" }
    private let live = "bbbbbbbb-0000-4000-8000-000000000002"
    private let newer = "bbbbbbbb-0000-4000-8000-000000000003"

    /// `live` is live; `rows` are the others, newest first.
    private func stubDeployment(_ rows: String...) {
        stub.onEvery(
            .get, root,
            .json(
                ResourceFixture.deployment(
                    #""name":"agent","active_revision_id":"\#(live)","latest_revision_id":"\#(live)""#)))
        let page = (rows + [row(live), row(revision)]).joined(separator: ",")
        stub.onEvery(.get, root + "/revisions?limit=20&offset=0", .json(ResourceFixture.page(page)))
        stub.onEvery(
            .post, redeploy, .json(ResourceFixture.deployment(#""name":"agent","latest_revision_id":"\#(live)""#)))
    }

    @Test func `a redeploy by hand does not replace what is newer and may go live`() async throws {
        stubDeployment(row(newer, "BUILDING"))
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(RevisionsRedeployCommand.self, [id, revision, "--yes"])
        }
        #expect(error?.verdict == .busy)
        #expect(error?.message.contains(newer) == true)
        #expect(stub.requests.allSatisfy { $0.method == .get })
        try await fixture.run(RevisionsRedeployCommand.self, [id, revision, "--yes", "--force"])
        #expect(fixture.output == "redeploying revision \(revision)\n")
    }

    @Test func `a redeploy by hand replaces what failed`() async throws {
        stubDeployment(row(newer, "BUILD_FAILED"))
        try await fixture.run(RevisionsRedeployCommand.self, [id, revision, "--yes"])
        #expect(fixture.output == "redeploying revision \(revision)\n")
    }

    @Test func `a redeploy by hand needs a reason where the repository requires one`() async throws {
        stubDeployment()
        let settings = try #require(SettingsParserTests.parse("require-reason: true").file).select(nil, source: "")
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(RevisionsRedeployCommand.self, [id, revision, "--yes"], settings: settings)
        }
        #expect(error?.code == "ReasonRequired")
        #expect(stub.requests.allSatisfy { $0.method == .get } && fixture.changes.isEmpty)
        try await fixture.run(
            RevisionsRedeployCommand.self, [id, revision, "--yes", "--reason", "INC-42"], settings: settings)
        let seen = fixture.changes.flatMap(\.events).compactMap { $0 as? RollbackSeen }
        #expect(seen.map(\.reason) == ["INC-42"])
    }

    @Test func `a redeploy by hand waits for the lock of the deployment`() async throws {
        stubDeployment()
        let lock = try RunLocks(folder: fixture.locks.path).acquire("deployment \(id)", holder: "run other")
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(RevisionsRedeployCommand.self, [id, revision, "--yes", "--lock-timeout", "1s"])
        }
        #expect(error?.code == "Locked")
        #expect(error?.message.contains("run other") == true)
        withExtendedLifetime(lock) {}
        #expect(stub.requests.allSatisfy { $0.method == .get })
    }

    @Test func `redeploying and interrupting ask on a terminal`() async throws {
        stubDeployment()
        stub.on(
            .post, root + "/revisions/\(revision)/interruption", .json(#"{"detail":"Not Found"}"#, status: 404))
        stub.on(.post, root + "/revisions/\(revision)/interrupt", .json("null"))
        try await fixture.run(RevisionsRedeployCommand.self, [id, revision], answer: true)
        try await fixture.run(RevisionsInterruptCommand.self, [id, revision, "--yes"], answer: false)
        #expect(fixture.questions == ["Redeploy revision \(revision) of \(id)?"])
        #expect(
            fixture.output
                == "redeploying revision \(revision)\ninterrupted revision \(revision)\n")
    }

    @Test func `a log is printed page by page, oldest line first`() async throws {
        let logs = root + "/revisions/\(revision)/logs?type=deploy&order=asc&limit=1000"
        stub.on(
            .get, logs + "&level=ERROR&query=boom", .json(#"{"logs":[{"message":"a\u001b[31m"}],"next_offset":"o1"}"#))
        stub.on(
            .get, logs + "&offset=o1&level=ERROR&query=boom", .json(#"{"logs":[{"message":"b"}],"next_offset":null}"#))
        try await fixture.run(
            RevisionsLogsCommand.self, [id, revision, "--type", "deploy", "--level", "error", "--query", "boom"])
        #expect(fixture.output == "a\nb\n")
        stub.expectAllUsed()
    }

    @Test func `the last lines of the newest revision are printed oldest first, or as JSON entries`() async throws {
        stub.on(.get, root + "/revisions?limit=1&offset=0", .json(ResourceFixture.page(row(revision))))
        stub.on(
            .get, root + "/revisions/\(revision)/logs?type=build&order=desc&limit=2",
            .json(#"{"logs":[{"message":"b","timestamp":1795231784519},{"message":"a"}],"next_offset":"2"}"#))
        try await fixture.run(RevisionsLogsCommand.self, [id, "--limit", "2", "--output", "json"])
        #expect(
            fixture.output == """
                [
                  {
                    "message": "a"
                  },
                  {
                    "message": "b",
                    "timestamp": 1795231784519
                  }
                ]

                """)
    }

    @Test func `an invalid time is refused`() {
        #expect(throws: (any Error).self) { try RevisionsLogsCommand.parse([id, "--start-time", "yesterday"]) }
    }
}
