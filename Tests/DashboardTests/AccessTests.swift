import HTTPTypes
import Hummingbird
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct AccessTests {
    /// Every path that the router has, with something in the place of its parameters.
    private func paths(_ fixture: DashboardFixture) -> [String] {
        Set(fixture.routes.router().routes.map(\.path.description)).sorted().map { path in
            path.split(separator: "/").map { $0.hasPrefix("{") || $0.hasPrefix(":") ? "x" : String($0) }
                .reduce("") { $0 + "/" + $1 }
        }.map { $0.isEmpty ? "/" : $0 }
    }

    @Test func `without a session nothing is answered`() async throws {
        let fixture = try DashboardFixture()
        let paths = paths(fixture)
        #expect(paths.count > 10)
        for path in paths where path != "/sign-in" {
            for cookie in [nil, "slipway-dashboard-8200=", "slipway-dashboard-8200=guess", "other=printed"] {
                let answer = try await fixture.send(.get, path, cookie: cookie)
                #expect(answer.status == 401, "\(path)")
                #expect(!answer.body.contains("plane.example"), "\(path)")
            }
            let post = try await fixture.send(
                .post, path, headers: ["Origin": "http://127.0.0.1:8200"], body: "to=x")
            #expect(post.status == 401, "\(path)")
        }
        #expect(fixture.slipway.calls.isEmpty)
    }

    @Test func `the link is good for one session`() async throws {
        let fixture = try DashboardFixture()
        #expect(try await fixture.send(.get, "/sign-in?token=guess").status == 403)
        #expect(try await fixture.send(.get, "/sign-in").status == 403)
        let first = try await fixture.send(.get, "/sign-in?token=printed")
        #expect(first.status == 200)
        let cookie = try #require(first.headers[.setCookie])
        for part in ["HttpOnly", "SameSite=Strict", "Path=/"] { #expect(cookie.contains(part)) }
        #expect(!cookie.contains("Domain"))
        let second = try await fixture.send(.get, "/sign-in?token=printed")
        #expect(second.status == 403)
        #expect(second.headers[.setCookie] == nil)
        let session = String(cookie.prefix { $0 != ";" })
        #expect(try await fixture.send(.get, "/", cookie: session).status == 200)
        let again = try await fixture.send(.get, "/sign-in?token=printed", cookie: session)
        #expect(again.location == "/")
    }

    @Test func `a name that somebody else lets resolve to this machine is refused`() async throws {
        let fixture = try DashboardFixture()
        let cookie = try await fixture.signIn()
        for host in ["attacker.example:8200", "127.0.0.1:8201", "127.0.0.1"] {
            let answer = try await fixture.send(.get, "/", cookie: cookie, headers: ["Host": host])
            #expect(answer.status == 421, "\(host)")
            let link = try await fixture.send(.get, "/sign-in?token=printed", headers: ["Host": host])
            #expect(link.status == 421, "\(host)")
        }
        #expect(try await fixture.send(.get, "/", cookie: cookie, headers: ["Host": "localhost:8200"]).status == 200)
    }

    @Test func `every answer has the headers that keep others out`() async throws {
        let fixture = try DashboardFixture()
        let cookie = try await fixture.signIn()
        for (path, session) in [("/", cookie), ("/", nil), ("/missing", cookie), ("/dashboard.js", cookie)] {
            let answer = try await fixture.send(.get, path, cookie: session)
            let policy = answer.header("Content-Security-Policy") ?? ""
            #expect(policy.hasPrefix("default-src 'none'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(answer.header("X-Content-Type-Options") == "nosniff")
            #expect(answer.header("Referrer-Policy") == "same-origin")
            #expect(answer.header("Cache-Control") == "no-store")
        }
    }

    @Test func `a page has no script, style or address of its own from elsewhere`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        let cookie = try await fixture.signIn()
        for path in ["/", "/deployments/agent", "/runs"] {
            let body = try await fixture.send(.get, path, cookie: cookie).body
            for unwanted in [" style=", "<style", " onclick", "javascript:", "src=\"http"] {
                #expect(!body.contains(unwanted), "\(path): \(unwanted)")
            }
        }
    }

    @Test func `a read-only dashboard has no route that changes anything`() async throws {
        let fixture = try DashboardFixture(isReadOnly: true)
        try fixture.slipway.answer("status", Samples.status())
        try fixture.slipway.answer("candidates", Samples.candidates())
        #expect(fixture.routes.router().routes.allSatisfy { $0.method == .get })
        let cookie = try await fixture.signIn()
        #expect(try await fixture.send(.get, "/deployments/agent/rollback", cookie: cookie).status == 404)
        let answer = try await fixture.post("/deployments/agent/rollback", ["to": Samples.good], cookie: cookie)
        #expect([404, 405].contains(answer.status))
        for path in ["/", "/deployments/agent"] {
            #expect(!(try await fixture.send(.get, path, cookie: cookie).body.contains("/rollback\"")))
        }
        #expect(fixture.slipway.rollbacks.isEmpty)
    }
}
