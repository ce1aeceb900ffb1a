import ControlPlaneTypes
import Foundation
import Redaction
import Testing

@testable import LocalControlPlane

struct DeploymentRoutesTests {
    @Test
    func `a new github deployment has a first revision pinned to the branch's commit`() async throws {
        try await ServerFixture.withIdle { fixture in
            let deployment = try await fixture.createDeployment()
            #expect(deployment.status == .ready)
            #expect(deployment.activeRevisionID == nil)
            #expect(deployment.sourceConfig?.repoBranch == "main")
            let id = try #require(deployment.latestRevisionID)
            let revision = try #require(try await fixture.store.revision(id))
            #expect(revision.status == .queued)
            #expect(revision.config.repoCommitSHA == FakeRepositories.first)
            #expect(revision.repositoryPath == FakeRepositories.path)
        }
    }

    @Test
    func `secrets are returned masked, and a mask that is sent back changes nothing`() async throws {
        try await ServerFixture.withIdle { fixture in
            let made = try await fixture.createDeployment(secrets: #"[{"name": "TOKEN", "value": "first-value"}]"#)
            #expect(made.secrets == [Secret(name: "TOKEN", value: SecretValue("***"))])
            let body = #"{"secrets": [{"name": "TOKEN", "value": "***"}, {"name": "OTHER", "value": "second"}]}"#
            #expect(try await fixture.send(.patch, "/v2/deployments/\(made.id)", json: body).status == 200)
            let stored = try #require(try await fixture.store.deployment(made.id)).secrets
            #expect(stored.map { $0.value.reveal() } == ["first-value", "second"])
        }
    }

    @Test
    func `a name is unique in a workspace`() async throws {
        try await ServerFixture.withIdle { fixture in
            try await fixture.createDeployment()
            let body = try await fixture.githubBody()
            let again = try await fixture.send(.post, "/v2/deployments", json: body)
            #expect(again.status == 409)
            let elsewhere = try await fixture.send(
                .post, "/v2/deployments", json: body, tenant: "11111111-1111-4111-8111-111111111111")
            #expect(elsewhere.status == 201)
        }
    }

    @Test
    func `one workspace does not see another's deployments`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let other = "11111111-1111-4111-8111-111111111111"
            #expect(try await fixture.send(.get, "/v2/deployments/\(id)", tenant: other).status == 404)
            let list = try await fixture.send(.get, "/v2/deployments", tenant: other)
            #expect(try list.decoded(as: Page<Deployment>.self).resources.isEmpty)
            let malformed = try await fixture.send(.get, "/v2/deployments", tenant: "mine")
            #expect(malformed.problems == ["header.x-tenant-id: uuid_parsing"])
        }
    }

    @Test(arguments: [
        ("", ["api-one", "api-two", "web"]), ("name=web", ["web"]), ("name=we", []),
        ("name_contains=api", ["api-one", "api-two"]),
        ("name=web&name_contains=we", ["web"]), ("status=READY", ["api-one", "api-two", "web"]),
        ("status=AWAITING_DELETE", []), ("deployment_type=dev&name=web", ["web"]), ("deployment_type=prod", []),
        ("name_contains=%25", []),
    ])
    func `the list is filtered`(query: String, names: [String]) async throws {
        try await ServerFixture.withIdle { fixture in
            for name in ["api-one", "api-two", "web"] { try await fixture.createDeployment(name: name) }
            let page = try await fixture.send(.get, "/v2/deployments?\(query)").decoded(as: Page<Deployment>.self)
            #expect(page.resources.map(\.name).sorted() == names)
            #expect(page.offset == names.count)
        }
    }

    @Test
    func `a list is paged and filtered by ids`() async throws {
        try await ServerFixture.withIdle { fixture in
            var ids: [DeploymentID] = []
            for number in 1...5 { ids.append(try await fixture.createDeployment(name: "d\(number)").id) }
            var seen: Set<DeploymentID> = []
            var offset = 0
            for count in [2, 2, 1] {
                let path = "/v2/deployments?limit=2&offset=\(offset)"
                let page = try await fixture.send(.get, path).decoded(as: Page<Deployment>.self)
                #expect(page.resources.count == count)
                seen.formUnion(page.resources.map(\.id))
                offset = page.offset
            }
            #expect(seen == Set(ids))
            let two = try await fixture.send(.get, "/v2/deployments?deployment_ids=\(ids[0]),%20\(ids[3])")
            #expect(try Set(two.decoded(as: Page<Deployment>.self).resources.map(\.id)) == [ids[0], ids[3]])
        }
    }

    @Test(arguments: [
        ("limit=0", "query.limit: greater_than_equal"), ("limit=101", "query.limit: less_than_equal"),
        ("limit=x", "query.limit: int_parsing"), ("offset=-1", "query.offset: greater_than_equal"),
        ("deployment_type=big", "query.deployment_type: literal_error"),
    ])
    func `an invalid parameter is a 422`(query: String, problem: String) async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(.get, "/v2/deployments?\(query)")
            #expect(answer.status == 422)
            #expect(answer.problems == [problem])
        }
    }

    @Test
    func `all problems of a body are reported together, without secrets`() async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(
                .post, "/v2/deployments",
                json: #"{"name": "Bad Name", "source": "svn", "secrets": [{"value": "hush-hush"}], "source_config": 1}"#
            )
            #expect(answer.status == 422)
            #expect(
                Set(answer.problems) == [
                    "body.name: string_pattern_mismatch", "body.source: literal_error",
                    "body.source_config: model_attributes_type", "body.source_revision_config: missing",
                    "body.secrets.0.name: missing",
                ])
            #expect(!String(decoding: answer.bytes, as: UTF8.self).contains("hush-hush"))
        }
    }

    @Test(arguments: [("", "missing"), ("{", "json_invalid"), ("[]", "model_attributes_type")])
    func `a body that is not an object is a 422`(body: String, type: String) async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(.post, "/v2/deployments", json: body)
            #expect(answer.status == 422)
            #expect(answer.problems == ["body: \(type)"])
        }
    }

    @Test(arguments: [
        (#""repo_ref": "main""#, #""x": 1"#, "'source_revision_config.repo_ref' is required for 'github' source"),
        (
            #""langgraph_config_path": "langgraph.json""#, #""x": 1"#,
            "'source_revision_config.langgraph_config_path' is required for 'github' source"
        ),
        ("acme/agent", "acme/other", "repository 'https://github.com/acme/other' is not served by this control plane"),
        (
            #""repo_ref": "main""#, #""repo_ref": "gone""#,
            "'source_revision_config.repo_ref' 'gone' was not found in repository 'https://github.com/acme/agent'"
        ),
        (
            #""source": "github""#, #""source": "external_docker""#,
            "'source_revision_config.image_uri' is required for 'external_docker' source"
        ),
    ])
    func `an unsupported source is a 400`(text: String, other: String, detail: String) async throws {
        try await ServerFixture.withIdle { fixture in
            let body = try await fixture.githubBody().replacingOccurrences(of: text, with: other)
            let answer = try await fixture.send(.post, "/v2/deployments", json: body)
            #expect(answer.status == 400)
            #expect(answer.detail == "Source configuration error: \(detail)")
            #expect(try await fixture.store.deployments().isEmpty)
        }
    }

    @Test(arguments: [
        "file:///srv/agent", "/srv/agent", "/srv/agent/", "https://github.com/acme/agent.git",
        "git@github.com:acme/agent.git", "ssh://git@github.com/acme/agent",
    ])
    func `a served repository is known by all its URLs`(url: String) async throws {
        try await ServerFixture.withIdle { fixture in
            let body = try await fixture.githubBody()
                .replacingOccurrences(of: "https://github.com/acme/agent", with: url)
            #expect(try await fixture.send(.post, "/v2/deployments", json: body).status == 201)
        }
    }

    @Test
    func `a reserved secret name is a 400`() async throws {
        try await ServerFixture.withIdle { fixture in
            let body = try await fixture.githubBody(secrets: #"[{"name": "PORT", "value": "1"}]"#)
            let answer = try await fixture.send(.post, "/v2/deployments", json: body)
            #expect(answer.detail == "Secret name 'PORT' is reserved")
        }
    }

    @Test(arguments: [
        (#"{"display_name": "Demo"}"#, false), (#"{"tracked_repo_ref": "next"}"#, false),
        (#"{"source_config": {"build_on_push": true}}"#, false), (#"{"secrets": []}"#, false), ("{}", false),
        (#"{"source_revision_config": {"repo_ref": null}}"#, false),
        (#"{"source_revision_config": {"repo_ref": "main"}}"#, true),
        (#"{"source_revision_config": {"langgraph_config_path": "langgraph.json"}}"#, true),
        (#"{"secrets": [{"name": "A", "value": "b"}]}"#, true),
        (#"{"source_config": {"resource_spec": {"cpu": 1}}}"#, true),
        (#"{"source_config": {"install_command": "true"}}"#, true),
        (#"{"source_config": {"build_command": "true"}}"#, true),
    ])
    func `a patch creates a revision only if the agent changes`(body: String, makesRevision: Bool) async throws {
        try await ServerFixture.withIdle { fixture in
            let before = try await fixture.createDeployment()
            let answer = try await fixture.send(.patch, "/v2/deployments/\(before.id)", json: body)
            #expect(answer.status == 200)
            let after = try answer.decoded(as: Deployment.self)
            #expect((after.latestRevisionID != before.latestRevisionID) == makesRevision)
        }
    }

    @Test
    func `a patch keeps the fields that it does not name`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment(secrets: #"[{"name": "A", "value": "b"}]"#).id
            _ = try await fixture.send(
                .patch, "/v2/deployments/\(id)",
                json: #"{"source_config": {"install_command": "make", "resource_spec": {"cpu": 2}}}"#)
            let answer = try await fixture.send(
                .patch, "/v2/deployments/\(id)", json: #"{"display_name": "Demo", "tracked_repo_ref": "next"}"#)
            let deployment = try answer.decoded(as: Deployment.self)
            #expect(deployment.displayName == "Demo")
            #expect(deployment.sourceConfig?.installCommand == "make")
            #expect(deployment.sourceConfig?.resourceSpec == .object(["cpu": .integer(2)]))
            #expect(deployment.sourceConfig?.repoBranch == "next")
            #expect(deployment.secrets?.count == 1)
        }
    }

    @Test
    func `a change of a fixed field is a 400`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let answer = try await fixture.send(
                .patch, "/v2/deployments/\(id)", json: #"{"source_config": {"repo_url": "https://github.com/a/b"}}"#)
            #expect(answer.status == 400)
            #expect(answer.detail == "Source configuration error: 'source_config.repo_url' cannot be changed")
        }
    }

    @Test
    func `a tag is not built on push`() async throws {
        try await ServerFixture.withIdle { fixture in
            fixture.repositories.set("refs/tags/v1", to: FakeRepositories.second)
            let body = try await fixture.githubBody(ref: "refs/tags/v1")
            let pushed = body.replacingOccurrences(
                of: #""deployment_type": "dev""#, with: #""deployment_type": "dev", "build_on_push": true"#)
            #expect(try await fixture.send(.post, "/v2/deployments", json: pushed).status == 400)
            #expect(try await fixture.send(.post, "/v2/deployments", json: body).status == 201)
        }
    }

    @Test(arguments: [RouterClient.Method.get, .patch, .delete])
    func `an unknown deployment is a 404, a malformed id a 422`(method: RouterClient.Method) async throws {
        try await ServerFixture.withIdle { fixture in
            let id = "22222222-2222-4222-8222-222222222222"
            let unknown = try await fixture.send(method, "/v2/deployments/\(id)", json: "{}")
            #expect(unknown.status == 404)
            #expect(unknown.detail == "Deployment ID \(id) not found.")
            let malformed = try await fixture.send(method, "/v2/deployments/demo", json: "{}")
            #expect(malformed.status == 422)
            #expect(malformed.problems == ["path.deployment_id: uuid_parsing"])
        }
    }

    @Test
    func `several deployments are deleted by one request`() async throws {
        try await ServerFixture.withIdle { fixture in
            let one = try await fixture.createDeployment(name: "one").id
            let two = try await fixture.createDeployment(name: "two").id
            let gone = "22222222-2222-4222-8222-222222222222"
            let path = "/v2/deployments?deployment_ids=\(one)&deployment_ids="
            #expect(try await fixture.send(.delete, path + gone).status == 207)
            #expect(try await fixture.send(.delete, path + two.rawValue).status == 200)
            #expect(try await fixture.send(.delete, "/v2/deployments").status == 422)
        }
    }

    @Test
    func `a deployment that is being deleted cannot be changed`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            #expect(try await fixture.send(.delete, "/v2/deployments/\(id)").status == 204)
            #expect(try await fixture.deployment(id).status == .awaitingDelete)
            let patched = try await fixture.send(.patch, "/v2/deployments/\(id)", json: "{}")
            #expect(patched.detail == "Deployment ID \(id) is being deleted.")
        }
    }
}

struct DeploymentTierRoutesTests {
    private struct Tiers: Decodable {
        let deployment: String?
        let compute: String?
        let database: String?

        enum CodingKeys: String, CodingKey {
            case deployment = "deployment_tier"
            case compute = "compute_tier"
            case database = "database_tier"
        }
    }

    @Test func `a tier is stored and returned`() async throws {
        try await ServerFixture.withIdle { fixture in
            let path = "/v2/deployments/\(try await fixture.createDeployment().id)"
            let answer = try await fixture.send(
                .patch, "\(path)/deployment-tier", json: #"{"deployment_tier": "SERVERLESS_M"}"#)
            #expect(answer.status == 200)
            let split = try await fixture.send(
                .patch, "\(path)/resource-tiers", json: #"{"database_tier": "DEDICATED_S"}"#)
            #expect(split.status == 200)
            let tiers: Tiers = try await fixture.send(.get, path).decoded()
            #expect(tiers.deployment == "SERVERLESS_M")
            #expect(tiers.compute == "SERVERLESS_M")
            #expect(tiers.database == "DEDICATED_S")
        }
    }

    @Test(arguments: [
        ("deployment-tier", "{}", 422), ("deployment-tier", #"{"deployment_tier": "HUGE"}"#, 422),
        ("resource-tiers", "{}", 400), ("resource-tiers", #"{"database_tier": "SERVERLESS_S"}"#, 400),
    ])
    func `an invalid tier is refused`(path: String, body: String, status: Int) async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            #expect(try await fixture.send(.patch, "/v2/deployments/\(id)/\(path)", json: body).status == status)
        }
    }

    @Test func `free deployments are counted`() async throws {
        try await ServerFixture.withIdle { fixture in
            let source = #""source": "internal_source", "source_revision_config": {}, "secrets": []"#
            for (name, type) in [("a", "dev_free"), ("b", "prod"), ("c", "dev_free_zero")] {
                let answer = try await fixture.send(
                    .post, "/v2/deployments",
                    json: #"{"name": "\#(name)", "source_config": {"deployment_type": "\#(type)"}, \#(source)}"#)
                #expect(answer.status == 201)
            }
            let count = try await fixture.send(.get, "/v2/deployments/free-count")
            #expect(String(decoding: count.bytes, as: UTF8.self) == #"{"count":2}"#)
        }
    }

    @Test func `push tokens are refused`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let answer = try await fixture.send(.post, "/v2/deployments/\(id)/push-token", json: "{}")
            #expect(answer.status == 400)
            #expect(answer.detail == "push token is only available for 'internal_docker' source deployments")
        }
    }
}
