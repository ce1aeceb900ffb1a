import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import Foundation
import JSON
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

@Suite struct DeploymentsCommandTests {
    let fixture: ResourceFixture
    var stub: StubTransport { fixture.stub }
    let root = "/v2/deployments"
    let id = ResourceFixture.deploymentID

    init() throws {
        fixture = try ResourceFixture()
    }

    @Test func `the list is a table`() async throws {
        let row = ResourceFixture.deployment(
            #""name":"agent","active_revision_id":"bbbbbbbb-1","updated_at":"2027-01-15T07:00:00Z""#)
        stub.on(.get, root + "?limit=100&offset=0", .json(ResourceFixture.page(row)))
        try await fixture.run(DeploymentsListCommand.self, [])
        #expect(
            fixture.output == """
                NAME   STATUS  SOURCE  LIVE      AGE    ID
                agent  READY   github  bbbbbbbb  1h00m  \(id)

                """)
    }

    @Test func `an empty list prints a sentence, or an empty array`() async throws {
        stub.onEvery(.get, root, .json(ResourceFixture.page()))
        try await fixture.run(DeploymentsListCommand.self, [])
        try await fixture.run(DeploymentsListCommand.self, ["--output", "json"])
        #expect(fixture.output == "no deployments\n[]\n")
    }

    @Test func `the JSON is the API's own with secret values redacted`() async throws {
        let row = ResourceFixture.deployment(
            #""z":1.50,"name":"agent","secrets":[{"name":"A","value":"hunter2"}],"secret_references":[{"name":"B","secret_name":"C","secret_key":"D"}]"#
        )
        stub.on(.get, root, .json(ResourceFixture.page(row)))
        try await fixture.run(DeploymentsListCommand.self, ["--output", "json"])
        let expected = try RawJSON(parsing: Data("[\(row.replacing("hunter2", with: "***"))]".utf8)).indented
        #expect(fixture.output == expected + "\n")
    }

    @Test func `every filter of the API is a flag`() async throws {
        stub.on(
            .get,
            root + "?name=n&name_contains=c&status=READY&deployment_type=dev&image_version=0.4&deployment_ids=a%2Cb"
                + "&tag_value_ids=t&remote_reconciled=true&url=https%3A%2F%2Fh&limit=7&offset=0",
            .json(ResourceFixture.page()))
        try await fixture.run(
            DeploymentsListCommand.self,
            [
                "--name", "n", "--name-contains", "c", "--status", "ready", "--deployment-type", "dev",
                "--image-version", "0.4", "--deployment-ids", "a, b", "--tag-value-ids", "t",
                "--remote-reconciled", "true", "--url", "https://h", "--limit", "7",
            ])
        stub.expectAllUsed()
    }

    @Test func `more IDs than one request accepts are sent in batches`() async throws {
        stub.onEvery(.get, root, .json(ResourceFixture.page()))
        let ids = (0..<150).map { "id\($0)" }.joined(separator: ",")
        try await fixture.run(DeploymentsListCommand.self, ["--deployment-ids", ids])
        #expect(stub.requests.count == 2)
        #expect(stub.requests.last?.url.contains("deployment_ids=id100%2C") == true)
    }

    @Test func `a deployment is found by its name and shown whole`() async throws {
        stub.on(
            .get, root + "?name=agent&name_contains=agent&limit=100&offset=0",
            .json(ResourceFixture.page(ResourceFixture.deployment())))
        stub.on(
            .get, root + "/" + id,
            .json(
                ResourceFixture.deployment(
                    #""name":"agent","new":{"x":[1,2]},"url":null,"secrets":[{"name":"A","value":"v1"}]"#)))
        try await fixture.run(DeploymentsGetCommand.self, ["agent"])
        #expect(
            fixture.output == """
                id       \(id)
                source   github
                status   READY
                name     agent
                new.x    1, 2
                secrets  A=***

                """)
    }

    @Test func `an unknown name is a failure with a hint`() async throws {
        stub.onEvery(.get, root, .json(ResourceFixture.page()))
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsGetCommand.self, ["agent"])
        }
        #expect(error?.verdict == .failed)
        #expect(error?.hint?.contains("slipway deployments list") == true)
    }

    @Test func `creating adds the fields that the API requires for every source`() async throws {
        stub.on(.post, root, .json(ResourceFixture.deployment(#""latest_revision_id":"r1""#), status: 201))
        try await fixture.run(
            DeploymentsCreateCommand.self,
            ["--name", "agent", "--source", "github", "--ref", "main", "--no-build-on-push", "--k8s-namespace", "ns"])
        #expect(
            fixture.sentBody
                == #"{"name":"agent","source":"github","source_config":{"listener_config":{"k8s_namespace":"ns"},"#
                + #""build_on_push":false},"source_revision_config":{"repo_ref":"main"},"secrets":[]}"#)
        #expect(fixture.output == "created deployment agent (\(id)), revision r1\n")
    }

    @Test func `an image gets the empty resource spec that the API requires`() async throws {
        stub.on(.post, root, .json(ResourceFixture.deployment(), status: 201))
        try await fixture.run(
            DeploymentsCreateCommand.self,
            ["--name", "agent", "--source", "external_docker", "--image", "r/i@sha256:0"])
        #expect(
            fixture.sentBody
                == #"{"name":"agent","source":"external_docker","source_revision_config":{"image_uri":"r/i@sha256:0"},"#
                + #""source_config":{"resource_spec":{}},"secrets":[]}"#)
    }

    @Test func `a deployment without a source is refused before any request`() async throws {
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsCreateCommand.self, ["--name", "agent"])
        }
        #expect(error?.verdict == .usage)
        #expect(stub.requests.isEmpty)
    }

    @Test func `the body may come from standard input, and flags override it`() async throws {
        stub.on(.post, root, .json(ResourceFixture.deployment(), status: 201))
        try await fixture.run(
            DeploymentsCreateCommand.self, ["--input", "-", "--name", "new"],
            input:
                #"{"name":"old","source":"github","agent":{"x":1.0},"secrets":[{"name":"A","value":"v"}],"source_config":{},"source_revision_config":{}}"#
        )
        #expect(fixture.sentBody.hasPrefix(#"{"name":"new","source":"github","agent":{"x":1.0},"#))
    }

    @Test func `a patch says whether it created a revision`() async throws {
        stub.onEvery(
            .get, root + "/" + id, .json(ResourceFixture.deployment(#""name":"agent","latest_revision_id":"r1""#)))
        stub.on(
            .patch, root + "/" + id, .json(ResourceFixture.deployment(#""latest_revision_id":"r1""#)),
            .json(ResourceFixture.deployment(#""latest_revision_id":"r2""#)))
        try await fixture.run(DeploymentsPatchCommand.self, [id, "--display-name", "Agent"])
        #expect(fixture.sentBody == #"{"display_name":"Agent"}"#)
        try await fixture.run(DeploymentsPatchCommand.self, [id, "--ref", "main"])
        #expect(
            fixture.output
                == "changed deployment agent, no new revision\nchanged deployment agent, new revision r2\n")
    }

    @Test func `a patch without a field is refused`() async throws {
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsPatchCommand.self, [id])
        }
        #expect(error?.verdict == .usage)
    }

    @Test func `deleting requires confirmation`() async throws {
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsDeleteCommand.self, [id])
        }
        #expect(error?.verdict == .usage)
        await #expect(throws: ExitCode(130)) {
            try await fixture.run(DeploymentsDeleteCommand.self, [id], answer: false)
        }
        #expect(fixture.questions == ["Delete \(id)?"])
        #expect(stub.requests.isEmpty)
        stub.on(.delete, root + "/" + id, .status(204), .status(204))
        try await fixture.run(DeploymentsDeleteCommand.self, [id], answer: true)
        try await fixture.run(DeploymentsDeleteCommand.self, [id, "--yes"])
        #expect(fixture.output == "deleted \(id)\ndeleted \(id)\n")
    }

    @Test func `a deletion needs a reason where the repository requires one`() async throws {
        let text = "environments: {production: {deployment: agent, require-reason: true}}"
        let settings = try #require(SettingsParserTests.parse(text).file).select(nil, source: "")
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsDeleteCommand.self, [id, "--yes"], settings: settings)
        }
        #expect(error?.code == "ReasonRequired")
        await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsDeleteCommand.self, [id], answer: true, settings: settings, reason: "")
        }
        #expect(stub.requests.isEmpty && fixture.changes.isEmpty)

        stub.on(.delete, root + "/" + id, .status(204), .status(204))
        try await fixture.run(
            DeploymentsDeleteCommand.self, [id, "--yes", "--reason", "no users"], settings: settings)
        try await fixture.run(
            DeploymentsDeleteCommand.self, [id], answer: true, settings: settings, reason: "asked for")
        let reasons = fixture.changes.flatMap(\.events).compactMap { $0 as? OutputRecorded }
            .filter { $0.name == "reason" }.map(\.value)
        #expect(reasons == ["no users", "asked for"])
    }

    @Test func `deployments that were not deleted are named in the failure`() async throws {
        let other = "aaaaaaaa-0000-4000-8000-000000000002"
        stub.on(
            .delete, root + "?deployment_ids=\(id)&deployment_ids=\(other)",
            .json(#"{"failed":[{"id":"\#(id)","error":"busy"}]}"#, status: 207))
        stub.on(
            .get, root + "?deployment_ids=\(id)%2C\(other)&limit=100&offset=0",
            .json(ResourceFixture.page(ResourceFixture.deployment())))
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsDeleteCommand.self, [id, other, "--yes"])
        }
        #expect(fixture.output == "deleted \(other)\n")
        #expect(error?.verdict == .failed)
        #expect(error?.details == ["\(id): busy"])
    }

    @Test func `without bulk deletion deployments are deleted one by one`() async throws {
        let other = "aaaaaaaa-0000-4000-8000-000000000002"
        stub.on(.delete, root + "?deployment_ids=\(id)&deployment_ids=\(other)", .status(405))
        stub.on(.delete, root + "/" + id, .json(#"{"detail":"Deployment ID not found."}"#, status: 404))
        stub.on(.delete, root + "/" + other, .status(204))
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(DeploymentsDeleteCommand.self, [id, other, "--yes"])
        }
        #expect(fixture.output == "deleted \(other)\n")
        #expect(error?.details.first?.contains("HTTP 404") == true)
        stub.expectAllUsed()
    }

    @Test(arguments: [
        (409, "A deployment named 'agent' already exists.", "slipway deployments get agent"),
        (409, "There already exists a project in LangSmith named agent", "tracing project"),
        (500, "Internal Server Error", "older control planes"),
    ])
    func `a taken name has a hint`(status: Int, detail: String, hint: String) async throws {
        stub.on(.post, root, .json(#"{"detail":"\#(detail)"}"#, status: status))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await fixture.run(DeploymentsCreateCommand.self, ["--name", "agent", "--source", "github"])
        }
        #expect(error?.hint?.contains(hint) == true)
    }
}

@Suite struct DeletionResponseTests {
    @Test(arguments: [
        (#"{"failed":[{"id":"b","error":"no"},{"id":"a","error":"busy"}]}"#, "busy"),
        (#"[{"deployment_id":"a","status":404,"detail":"not found"}]"#, "not found"),
        (#"{"errors":{"a":"busy"}}"#, "busy"), (#"{"errors":{"a":{"message":"busy"}}}"#, "busy"),
        (#"{"failed":["a"]}"#, nil), (#"{"failed":[{"id":"b","error":"no"}]}"#, nil), ("null", nil),
    ])
    func `the reason is beside the ID or below it`(answer: String, reason: String?) throws {
        let answer = DeletionResponse(answer: try RawJSON(parsing: Data(answer.utf8)))
        #expect(answer.reason(for: DeploymentID("a")) == reason)
    }
}
