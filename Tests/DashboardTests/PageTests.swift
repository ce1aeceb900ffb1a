import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct PageTests {
    private static let markup = "<img src=x onerror=alert(1)>"

    @Test func `markup and terminal sequences in what others wrote stay text`() async throws {
        let fixture = try DashboardFixture()
        let evil = Self.markup + #"\u001b[31mred\u202e"#
        try fixture.slipway.answer("status", Samples.status(name: evil, subject: evil))
        try fixture.slipway.answer("candidates", Samples.candidates(name: evil))
        try fixture.slipway.answer("logs", "\(Self.markup)\u{1B}]0;title\u{7}\n</pre><script>alert(1)</script>\n")
        try fixture.slipway.answer(
            "history",
            """
            {"entries": [{"deployment": {"id": "x", "name": "x"}, "change": "rolled_back", "live": true,
            "revision": {"id": "\(Self.markup)", "status": "DEPLOYED"}, "commit": {"sha": "8b5f3fc", "subject": "\(evil)"},
            "record": {"run_id": "1", "reason": "\(evil)", "verdict": "failed", "cause": {"message": "\(evil)"},
            "actor": {"user": "\(evil)", "run_url": "javascript:alert(1)"}}}]}
            """)
        let cookie = try await fixture.signIn()
        let row = try #require(await fixture.routes.reader.deployments().value?.first)
        let path = PageParts.path(of: row.name)
        for page in ["/", path, path + "/rollback", "/runs", "/?q=" + PageParts.encoded(Self.markup)] {
            let answer = try await fixture.send(.get, page, cookie: cookie)
            #expect(answer.status == 200, "\(page)")
            #expect(!answer.body.contains("<img"), "\(page)")
            #expect(!answer.body.contains("<script>"), "\(page)")
            #expect(!answer.body.contains("href=\"javascript"), "\(page)")
            #expect(!answer.body.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" }, "\(page)")
        }
        #expect(try await fixture.send(.get, path, cookie: cookie).body.contains("&lt;img src=x"))
    }

    @Test func `an older slipway tells less, and the pages show that`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", #"[{"id": "1", "name": "agent", "active": null}]"#)
        let cookie = try await fixture.signIn()
        #expect(try await fixture.send(.get, "/", cookie: cookie).body.contains("never live"))
        #expect(try await fixture.send(.get, "/deployments/agent", cookie: cookie).status == 200)
    }

    @Test func `a command that fails is shown with its own message and hint`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.fail(
            "status", "warning: retrying\nerror: control plane unreachable: refused\nhint: check the network\n")
        let cookie = try await fixture.signIn()
        let answer = try await fixture.send(.get, "/", cookie: cookie)
        #expect(answer.body.contains("control plane unreachable: refused"))
        #expect(answer.body.contains("Hint: check the network"))
        let page = try await fixture.send(.get, "/deployments/agent", cookie: cookie)
        #expect(page.status == 502)
        #expect(page.body.contains("control plane unreachable: refused"))
    }

    @Test func `what a command could not tell is shown beside what it told`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        try fixture.slipway.warn(
            "status", "note: x\nwarning: 3 deployments were not read\nhint: name one\nwarning: <b>\n")
        let cookie = try await fixture.signIn()
        let answer = try await fixture.send(.get, "/", cookie: cookie)
        #expect(answer.body.contains("3 deployments were not read; name one"))
        #expect(answer.body.contains("&lt;b&gt;"))
        #expect(answer.body.contains("/deployments/agent"))
    }

    @Test func `a deployment that does not exist is a page that says so`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        let cookie = try await fixture.signIn()
        for path in ["/deployments/other", "/deployments/%2E%2E%2Fetc", "/runs/x", "/rollbacks/x", "/missing"] {
            #expect(try await fixture.send(.get, path, cookie: cookie).status == 404, "\(path)")
        }
        #expect(fixture.slipway.calls.allSatisfy { $0.hasPrefix("[status]") })
    }

    @Test func `the key and the link are on no page and in no command line`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        try fixture.slipway.answer("candidates", Samples.candidates())
        let cookie = try await fixture.signIn()
        let secret = String(cookie.split(separator: "=").last ?? "")
        for path in ["/", "/deployments/agent", "/deployments/agent/rollback", "/runs", "/dashboard.js"] {
            let body = try await fixture.send(.get, path, cookie: cookie).body
            for hidden in [FakeSlipway.key, DashboardFixture.token, secret] {
                #expect(!body.contains(hidden), "\(path)")
            }
        }
        #expect(fixture.slipway.calls.allSatisfy { !$0.contains(FakeSlipway.key) })
        #expect(fixture.slipway.calls.allSatisfy { $0.contains("[--control-plane][https://plane.example]") })
    }

    @Test func `however many look at a page, the commands run once in a few seconds`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        let cookie = try await fixture.signIn()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try? await fixture.send(.get, "/", cookie: cookie) } }
        }
        #expect(fixture.slipway.calls.count == 1)
        // An answer that is not too old is shown at once, while the next one is read.
        fixture.clock.advance(by: .seconds(10))
        _ = try await fixture.send(.get, "/", cookie: cookie)
        try await eventually("the next read") { fixture.slipway.calls.count == 2 }
        fixture.clock.advance(by: .seconds(5))
        _ = try await fixture.send(.get, "/", cookie: cookie)
        #expect(fixture.slipway.calls.count == 2)
    }

    @Test func `a rollback that is live is called one, and each time says of what it is`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer(
            "status",
            """
            [{"id": "1", "name": "agent", "status": "READY", "active": {"id": "\(Samples.live)", "status": "DEPLOYED",
            "created_at": "2025-12-31T23:00:00Z", "live_since": "2025-12-31T23:01:00Z", "rollback_of": "\(Samples.good)"},
            "under_way": [], "latest": {"id": "\(Samples.live)"}, "last_change": {"verdict": "rolled_back",
            "actor": "kim", "at": "2025-12-31T23:02:00Z"}}]
            """)
        try fixture.slipway.answer(
            "history",
            #"{"entries": [{"deployment": {"id": "1", "name": "agent"}, "change": "rolled_back", "live": true}]}"#)
        let cookie = try await fixture.signIn()
        let overview = try await fixture.send(.get, "/", cookie: cookie).body
        #expect(overview.contains("Last rollout") && overview.contains("↩") && !overview.contains("✓"))
        let page = try await fixture.send(.get, "/deployments/agent", cookie: cookie).body
        #expect(!page.contains("◷") && !page.contains("Last deploy"))
        #expect(page.contains("rolled back, ended <time") && page.contains("went live <time"))
        #expect(page.contains("<p>by kim</p>"))
    }

    @Test func `a change that was cut off has started, and on a phone a time says of what it is`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer(
            "status",
            """
            [{"id": "1", "name": "agent", "active": {"id": "\(Samples.live)", "live_since": "2025-12-31T23:01:00Z"},
            "last_change": {"verdict": "unfinished", "at": "2025-12-31T23:02:00Z"}}]
            """)
        let cookie = try await fixture.signIn()
        let page = try await fixture.send(.get, "/deployments/agent", cookie: cookie).body
        #expect(page.contains("unfinished, started <time") && !page.contains("ended <time"))
        let overview = try await fixture.send(.get, "/", cookie: cookie).body
        #expect(overview.contains(#">Since</span><time"#))
        let sheet = try await fixture.send(.get, "/dashboard.css", cookie: cookie).body
        #expect(sheet.contains(".grid .since .head{display:inline"))
    }

    @Test func `a change that nobody recorded is not blamed on the last one that somebody did`() async throws {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        let cookie = try await fixture.signIn()
        let page = try await fixture.send(.get, "/deployments/agent", cookie: cookie).body
        #expect(page.contains("not recorded here"))
    }

    @Test func `a name that looks like a flag is passed as its id`() throws {
        let rows = try JSONDecoder().decode(
            [DeploymentRow].self,
            from: Data(#"[{"id":"7","name":"--yes"},{"id":"8","name":"a b"},{"id":"9","name":"my_agent-2.x"}]"#.utf8))
        #expect(rows.map(\.argument) == ["7", "8", "my_agent-2.x"])
    }
}
