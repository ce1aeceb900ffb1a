import Engine
import Foundation
import HTTPTypes
import Reports
import TestSupport
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct RollbackTests {
    private static let path = "/deployments/agent/rollback"

    private func fixture(type: String = "dev") throws -> DashboardFixture {
        let fixture = try DashboardFixture()
        try fixture.slipway.answer("status", Samples.status())
        try fixture.slipway.answer("candidates", Samples.candidates(type: type))
        return fixture
    }

    /// The fields of the form as the page has them, with a reason.
    private func form(_ fixture: DashboardFixture, _ cookie: String, reason: String = "INC-42") async throws -> [String:
        String]
    {
        let page = try await fixture.send(.get, Self.path, cookie: cookie)
        #expect(page.status == 200)
        return [
            "token": page.field("token"), "id": page.field("id"), "live": page.field("live"), "to": Samples.good,
            "reason": reason,
        ]
    }

    /// Waits until the process has ended.
    private func end(_ fixture: DashboardFixture, _ location: String?) async throws -> RollbackProgress {
        let id = try #require(location?.split(separator: "/").last.map(String.init))
        let rollbacks = fixture.routes.rollbacks
        try await eventually("the rollback has ended") { await rollbacks.progress(of: id)?.isFinished != false }
        return try #require(await rollbacks.progress(of: id))
    }

    @Test func `the form starts the command, with the reason as one word`() async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let reason = #"--force "quoted" $(date) é"#
        let answer = try await fixture.post(Self.path, form(fixture, cookie, reason: reason), cookie: cookie)
        #expect(answer.status == 303)
        _ = try await end(fixture, answer.location)
        let call = try #require(fixture.slipway.rollbacks.first)
        #expect(
            call.hasPrefix(
                "[rollback][agent][--to=\(Samples.good)][--reason=\(reason)][--yes][--lock-timeout=0s][--output][jsonl][--if-live=\(Samples.live)]"
            ))
    }

    /// Writes a journal, which is closed after the work.
    private func write(_ events: [RunEvent], to path: String, _ work: () async throws -> Void = {}) async throws {
        try? FileManager.default.removeItem(atPath: path)
        let journal = try FileJournal(creating: path)
        for event in events { try journal.append(event, durably: false) }
        try await work()
        withExtendedLifetime(journal) {}
    }

    @Test func `what was rolled back is marked with the reason`() async throws {
        let fixture = try fixture()
        let page = try await fixture.send(.get, Self.path, cookie: fixture.signIn())
        #expect(page.body.contains("<q>INC-7: &lt;b&gt;slow&lt;/b&gt;</q>"))
    }

    @Test(arguments: ["INC-1\0 the rest", "\0", "INC\u{1B}[2J"])
    func `a reason with a control character is not taken`(reason: String) async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let answer = try await fixture.post(Self.path, form(fixture, cookie, reason: reason), cookie: cookie)
        #expect(answer.status == 422)
        #expect(fixture.slipway.rollbacks.isEmpty)
    }

    @Test func `a reason with a secret is not taken, and not kept`() async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let form = try await form(fixture, cookie, reason: "INC-42, the key is \(FakeSlipway.key)")
        let answer = try await fixture.post(Self.path, form, cookie: cookie)
        #expect(answer.status == 422 && answer.body.contains("contains a secret"))
        #expect(fixture.slipway.rollbacks.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: fixture.slipway.folder + "/dashboard/\(form["id"] ?? "").json"))
    }

    @Test func `a rollback that another process went on with has its verdict`() async throws {
        let fixture = try fixture()
        var script = RunScript()
        script.startRun()
        let printed = script.events
        script.finishRun(.success)
        try await write(printed, to: fixture.slipway.folder + "/rollback")
        let cookie = try await fixture.signIn()
        let answer = try await fixture.post(Self.path, form(fixture, cookie), cookie: cookie)
        #expect(try await end(fixture, answer.location).headline.contains("ended without a verdict"))

        let run = try #require(RunSummary(events: printed).runID)
        let journal = RunRetention.journal(in: "\(fixture.slipway.folder)/runs/\(run)")
        let location = try #require(answer.location)
        try await write(script.events, to: journal) {
            let page = try await fixture.send(.get, location, cookie: cookie)
            #expect(page.body.contains("In progress"))
        }
        #expect(try await end(fixture, answer.location).state == .ended(.success))
    }

    @Test func `a form that is sent twice starts one rollback`() async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let form = try await form(fixture, cookie)
        let first = try await fixture.post(Self.path, form, cookie: cookie)
        let second = try await fixture.post(Self.path, form, cookie: cookie)
        #expect(first.location != nil)
        #expect(first.location == second.location)
        _ = try await end(fixture, first.location)
        #expect(fixture.slipway.rollbacks.count == 1)
    }

    @Test func `a form that is not right starts nothing and says why`() async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let form = try await form(fixture, cookie)
        let changes: [(String, String, String)] = [
            ("reason", "  ", "Enter a reason"), ("reason", "\u{1B}[31m\u{1B}[0m", "Enter a reason"),
            ("reason", String(repeating: "x", count: 501), "longer than 500"),
            ("to", "8b5f3fcd", "Choose the revision"), ("to", Samples.live, "Choose the revision"),
            ("id", "../../etc", "form is incomplete"), ("live", Samples.good, "live revision has changed"),
        ]
        for (field, value, message) in changes {
            let answer = try await fixture.post(Self.path, form.merging([field: value]) { $1 }, cookie: cookie)
            #expect(answer.status == 422, "\(field)")
            #expect(answer.body.contains(message), "\(field)")
        }
        #expect(fixture.slipway.rollbacks.isEmpty)
    }

    @Test func `what is live now counts, not what the page has shown`() async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let form = try await form(fixture, cookie)
        try fixture.slipway.answer("candidates", Samples.candidates(live: Samples.id))
        let answer = try await fixture.post(Self.path, form, cookie: cookie)
        #expect(answer.status == 422)
        #expect(answer.body.contains("live revision has changed"))
        #expect(fixture.slipway.rollbacks.isEmpty)
    }

    @Test(arguments: ["prod", "unknown"])
    func `everything but a development deployment is confirmed by its name`(type: String) async throws {
        let fixture = try fixture(type: type)
        let cookie = try await fixture.signIn()
        let form = try await form(fixture, cookie)
        for name in ["", "agen", "AGENT"] {
            let answer = try await fixture.post(Self.path, form.merging(["name": name]) { $1 }, cookie: cookie)
            #expect(answer.status == 422)
            #expect(answer.body.contains("Type agent to confirm."))
        }
        #expect(fixture.slipway.rollbacks.isEmpty)
        let answer = try await fixture.post(Self.path, form.merging(["name": "agent"]) { $1 }, cookie: cookie)
        #expect(answer.status == 303)
        _ = try await end(fixture, answer.location)
    }

    @Test func `a request that no form of this session made changes nothing`() async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let form = try await form(fixture, cookie)
        let body = form.map { "\($0.key)=\(PageParts.encoded($0.value))" }.joined(separator: "&")
        for origin in ["http://attacker.example", "http://127.0.0.1:9999", "null"] {
            let answer = try await fixture.send(
                .post, Self.path, cookie: cookie, headers: ["Origin": origin], body: body)
            #expect(answer.status == 403, "\(origin)")
        }
        #expect(try await fixture.send(.post, Self.path, cookie: cookie, body: body).status == 403)
        for token in ["", "guess"] {
            let answer = try await fixture.post(Self.path, form.merging(["token": token]) { $1 }, cookie: cookie)
            #expect(answer.status == 403)
        }
        let json = try await fixture.send(
            .post, Self.path, cookie: cookie,
            headers: ["Origin": "http://127.0.0.1:8200", "Content-Type": "application/json"], body: body)
        #expect(json.status == 415)
        let large = try await fixture.post(
            Self.path, form.merging(["reason": String(repeating: "x", count: 20_000)]) { $1 }, cookie: cookie)
        #expect(large.status == 413)
        #expect(fixture.slipway.rollbacks.isEmpty)
    }

    @Test func `a rollback continues without its dashboard, and the next one shows it`() async throws {
        let fixture = try fixture()
        try fixture.slipway.hold()
        let cookie = try await fixture.signIn()
        let answer = try await fixture.post(Self.path, form(fixture, cookie), cookie: cookie)
        let id = try #require(answer.location?.split(separator: "/").last.map(String.init))

        let next = RollbackService(program: fixture.slipway.program, clock: fixture.clock)
        #expect(await next.underWay().map(\.id) == [id])
        #expect(await next.progress(of: id)?.state == .running)
        #expect(await next.progress(of: id)?.ticket.reason == "INC-42")
        let page = try await fixture.send(.get, "/", cookie: cookie)
        #expect(page.body.contains("/rollbacks/\(id)"))
        try fixture.slipway.letGo()
        try await eventually("the rollback has ended") { await next.underWay().isEmpty }
        // It left no events, and nobody knows its exit code.
        #expect(await next.progress(of: id)?.state == .lost)
    }

    @Test func `a command that ends before its run is shown with its message`() async throws {
        let fixture = try fixture()
        try fixture.slipway.fail("rollback", "error: another run deploys agent\nhint: wait for it\n")
        let cookie = try await fixture.signIn()
        let answer = try await fixture.post(Self.path, form(fixture, cookie), cookie: cookie)
        let progress = try await end(fixture, answer.location)
        #expect(progress.state == .ended(.error))
        #expect(progress.exitCode == 69)
        let page = try await fixture.send(.get, try #require(answer.location), cookie: cookie)
        #expect(page.body.contains("another run deploys agent"))
        #expect(page.body.contains("Hint: wait for it"))
    }

    @Test func `its files are for their owner only`() async throws {
        let fixture = try fixture()
        let cookie = try await fixture.signIn()
        let answer = try await fixture.post(Self.path, form(fixture, cookie), cookie: cookie)
        _ = try await end(fixture, answer.location)
        let folder = fixture.slipway.folder + "/dashboard"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
    }
}
