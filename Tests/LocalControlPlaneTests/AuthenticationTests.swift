import ControlPlaneTypes
import Foundation
import HTTPTypes
import Testing

@testable import LocalControlPlane

struct AuthenticationTests {
    @Test
    func `a request without a key is a 401, one with a wrong key a 403`() async throws {
        try await ServerFixture.withIdle { fixture in
            let without = try await fixture.send(.get, "/v2/deployments", key: nil)
            #expect(without.status == 401)
            #expect(without.detail == "Not authenticated")
            let wrong = try await fixture.send(.get, "/v2/deployments", key: "the-kez")
            #expect(wrong.status == 403)
            #expect(wrong.detail == "Forbidden")
        }
    }

    @Test
    func `with an organization-scoped key a request must name its workspace`() async throws {
        try await ServerFixture.withState { state in
            let fixture = try await ServerFixture(state: state, options: ServerOptions(requiresTenant: true))
            let without = try await fixture.send(.get, "/v2/deployments")
            #expect(without.status == 403)
            #expect(without.detail?.contains("requires workspace specification") == true)
            let named = try await fixture.send(
                .get, "/v2/deployments", tenant: "00000000-0000-4000-8000-0000000000aa")
            #expect(named.status == 200)
        }
    }

    @Test
    func `the health check needs no key`() async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(.get, "/ok", key: nil)
            #expect(answer.status == 200)
            #expect(try answer.json == .object(["ok": .bool(true)]))
        }
    }

    @Test
    func `an unknown path is a 404 and a wrong method a 405, both with detail`() async throws {
        try await ServerFixture.withIdle { fixture in
            let unknown = try await fixture.send(.get, "/v3/deployments")
            #expect(unknown.status == 404)
            #expect(unknown.detail == "Not Found")
            let wrong = try await fixture.send(.put, "/v2/deployments")
            #expect(wrong.status == 405)
            #expect(wrong.detail == "Method Not Allowed")
            #expect(wrong.headers[.allow]?.contains("GET") == true)
        }
    }
}
