import ControlPlaneTypes
import Foundation
import Testing

@testable import LocalControlPlane

struct IntegrationRoutesTests {
    @Test
    func `a control plane without repositories has no integration`() async throws {
        try await ServerFixture.withState { state in
            let fixture = try await ServerFixture(state: state)
            let answer = try await fixture.send(.get, "/v1/integrations/github/install")
            #expect(try answer.decoded(as: [GithubIntegration].self).isEmpty)
        }
    }

    @Test
    func `a repository added at run time is served, also after a restart`() async throws {
        try await ServerFixture.withState { state in
            let fixture = try await ServerFixture(state: state)
            let added = try await fixture.send(.post, "/internal/repositories", json: #"{"path": "/srv/agent/sub"}"#)
            #expect(added.status == 201)
            let id = try await fixture.integrationID()
            let restarted = try await ServerFixture(state: state)
            #expect(try await restarted.integrationID() == id)
            let answer = try await restarted.send(.get, "/v1/integrations/github/\(id)/repos")
            let repository = try #require(try answer.decoded(as: [GithubRepository].self).first)
            #expect(repository.owner == "acme")
            #expect(repository.name == "agent")
            #expect(repository.url == "https://github.com/acme/agent")
            #expect(repository.defaultBranch == "main")
        }
    }

    @Test
    func `installations and their repositories are paged by cursor`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.integrationID()
            let list = try await fixture.send(.get, "/v2/integrations/github/installations?page_size=1")
            #expect(String(decoding: list.bytes, as: UTF8.self).contains(#""id":"\#(id)""#))
            let page = "/v2/integrations/github/installations/\(id)/repositories"
            let repositories = try await fixture.send(.get, page)
            #expect(String(decoding: repositories.bytes, as: UTF8.self).contains("https://github.com/acme/agent"))
            let rest = try await fixture.send(.get, page + "?cursor=1")
            #expect(String(decoding: rest.bytes, as: UTF8.self) == #"{"items":[]}"#)
            #expect(try await fixture.send(.get, page + "?page_size=0").status == 422)
        }
    }

    @Test
    func `there are no forge integrations`() async throws {
        try await ServerFixture.withIdle { fixture in
            let list = try await fixture.send(.get, "/v1/integrations/forge/github/install")
            #expect(String(decoding: list.bytes, as: UTF8.self) == "[]")
            let id = try await fixture.integrationID()
            #expect(try await fixture.send(.get, "/v1/integrations/forge/github/\(id)/repos").status == 404)
        }
    }

    @Test
    func `a path that is not a repository is a 400`() async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(.post, "/internal/repositories", json: #"{"path": "/nowhere"}"#)
            #expect(answer.status == 400)
            #expect(answer.detail == "/nowhere is not inside a git repository")
            #expect(try await fixture.send(.post, "/internal/repositories", json: "{}").status == 422)
        }
    }
}
