import ControlPlaneTypes
import Testing

@testable import LocalControlPlane

struct ListenerRoutesTests {
    private static let body =
        #"{"compute_type": "k8s", "compute_id": "cluster-1", "compute_config": {"k8s_namespaces": ["a", "b"]}}"#
    private static let tenant = "00000000-0000-4000-8000-0000000000aa"

    private struct Listener: Decodable {
        struct Config: Decodable {
            let namespaces: [String]?

            enum CodingKeys: String, CodingKey { case namespaces = "k8s_namespaces" }
        }

        let id: String
        let computeID: String
        let config: Config
        let version: String?

        enum CodingKeys: String, CodingKey {
            case id, version
            case computeID = "compute_id"
            case config = "compute_config"
        }
    }

    @Test func `a listener is created, read, changed and removed`() async throws {
        try await ServerFixture.withIdle { fixture in
            let made = try await fixture.send(.post, "/v2/listeners", json: Self.body)
            #expect(made.status == 201)
            let id = try made.decoded(as: Listener.self).id
            let changed = try await fixture.send(
                .patch, "/v2/listeners/\(id)",
                json: #"{"version": "0.2.0", "compute_config": {"k8s_namespaces": ["c"]}}"#)
            #expect(changed.status == 200)
            let read: Listener = try await fixture.send(.get, "/v2/listeners/\(id)").decoded()
            #expect(read.computeID == "cluster-1")
            #expect(read.version == "0.2.0")
            #expect(read.config.namespaces == ["c"])
            #expect(try await fixture.send(.delete, "/v2/listeners/\(id)").status == 204)
            let gone = try await fixture.send(.get, "/v2/listeners/\(id)")
            #expect(gone.status == 404)
            #expect(gone.detail == "Listener ID \(id) not found.")
        }
    }

    @Test func `a compute id is unique in a workspace`() async throws {
        try await ServerFixture.withIdle { fixture in
            _ = try await fixture.send(.post, "/v2/listeners", json: Self.body)
            let again = try await fixture.send(.post, "/v2/listeners", json: Self.body)
            #expect(again.status == 409)
            #expect(
                again.detail
                    == "Listener for LangSmith workspace ID '\(APIRequestContext.defaultTenant)' and compute ID "
                    + "'cluster-1' already exists.")
            let other = try await fixture.send(.post, "/v2/listeners", json: Self.body, tenant: Self.tenant)
            #expect(other.status == 201)
        }
    }

    @Test func `a workspace does not see the listeners of another one`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.send(.post, "/v2/listeners", json: Self.body).decoded(as: Listener.self).id
            #expect(try await fixture.send(.get, "/v2/listeners/\(id)", tenant: Self.tenant).status == 404)
            let list = try await fixture.send(.get, "/v2/listeners", tenant: Self.tenant)
            #expect(String(decoding: list.bytes, as: UTF8.self) == #"{"offset":0,"resources":[]}"#)
        }
    }

    @Test func `an invalid body is reported field by field`() async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(
                .post, "/v2/listeners",
                json: #"{"compute_type": "vm", "compute_config": {"k8s_namespaces": ["a", 1]}}"#)
            #expect(answer.status == 422)
            #expect(
                Set(answer.problems) == [
                    "body.compute_id: missing", "body.compute_type: literal_error",
                    "body.compute_config.k8s_namespaces.1: string_type",
                ])
        }
    }

    @Test func `a workspace without the enterprise plan gets LangSmith's 403`() async throws {
        try await ServerFixture.withState { state in
            let fixture = try await ServerFixture(state: state, options: ServerOptions(allowsListeners: false))
            let refused = try await fixture.send(.post, "/v2/listeners", json: Self.body)
            #expect(refused.status == 403)
            #expect(refused.detail?.hasSuffix("self-hosted enterprise plans.") == true)
            #expect(try await fixture.send(.get, "/v2/listeners").status == 200)
        }
    }
}
