import ControlPlaneTypes
import Testing

@testable import LocalControlPlane

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

    @Test func `a tier is kept and answered`() async throws {
        try await PlaneFixture.withIdle { fixture in
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
    func `a wrong tier is refused`(path: String, body: String, status: Int) async throws {
        try await PlaneFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            #expect(try await fixture.send(.patch, "/v2/deployments/\(id)/\(path)", json: body).status == status)
        }
    }

    @Test func `free deployments are counted`() async throws {
        try await PlaneFixture.withIdle { fixture in
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

    @Test func `no deployment here has a registry to push to`() async throws {
        try await PlaneFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let answer = try await fixture.send(.post, "/v2/deployments/\(id)/push-token", json: "{}")
            #expect(answer.status == 400)
            #expect(answer.detail == "push token is only available for 'internal_docker' source deployments")
        }
    }
}
