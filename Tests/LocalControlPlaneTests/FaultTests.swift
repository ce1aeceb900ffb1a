import ControlPlaneTypes
import HTTPTypes
import Testing

@testable import LocalControlPlane

struct FaultParserTests {
    @Test(arguments: [
        (
            "status=429,retry-after=2,method=post,path=/v2/deployments,count=3",
            Fault(
                text: "", target: .request(method: "POST", path: "/v2/deployments"),
                effect: .respond(status: 429, detail: nil, retryAfter: 2), delay: .zero, count: 3, after: 0)
        ),
        (
            "status=409,detail=A project, named so, exists",
            Fault(
                text: "", target: .request(method: nil, path: nil),
                effect: .respond(status: 409, detail: "A project, named so, exists", retryAfter: nil), delay: .zero,
                count: nil, after: 0)
        ),
        (
            "lose=answer,after=2,count=1,delay=500ms",
            Fault(
                text: "", target: .request(method: nil, path: nil), effect: .loseResponse, delay: .milliseconds(500),
                count: 1, after: 2)
        ),
        (
            "phase=build,delay=2m",
            Fault(
                text: "", target: .phase(.build, deployment: nil, failure: nil), effect: .none, delay: .seconds(120),
                count: nil, after: 0)
        ),
        (
            "phase=deploy,deployment=demo,fail=no memory,count=1",
            Fault(
                text: "", target: .phase(.deploy, deployment: "demo", failure: "no memory"), effect: .none,
                delay: .zero, count: 1, after: 0)
        ),
    ])
    func `a fault is parsed`(text: String, fault: Fault) throws {
        var expected = fault
        expected.text = text
        #expect(try FaultParser.parse(text) == expected)
    }

    @Test(arguments: [
        ("", "unknown key ''"), ("stat=503", "unknown key 'stat=503'"), ("path=/v2", "has no effect"),
        ("status=200", "whole number from 400 to 599"), ("status=503,status=500", "duplicate key 'status'"),
        ("lose=nothing", "lose=answer or lose=request"), ("lose=answer,status=503", "without a status"),
        ("retry-after=3", "add a status"), ("phase=sleep,delay=1s", "use build or deploy"),
        ("phase=build,status=503", "'phase' excludes 'status'"), ("fail=no", "requires 'phase'"),
        ("delay=soon", "invalid duration 'soon'"), ("status=503,count=0", "from 1 to 1000000"),
    ])
    func `an invalid fault is rejected with the reason`(text: String, problem: String) {
        let found = #expect(throws: FaultParser.InvalidFault.self) { try FaultParser.parse(text) }
        #expect(found?.description.contains(problem) == true, "\(found?.description ?? "")")
    }
}

struct ActiveFaultsTests {
    private func faults(_ texts: String...) throws -> ActiveFaults {
        ActiveFaults(try texts.map { try FaultParser.parse($0) })
    }

    @Test func `a fault applies count times, after skipping some matches`() async throws {
        let faults = try faults("status=503,path=/v2,after=1,count=2")
        var triggered: [Bool] = []
        for _ in 0..<5 { triggered.append(await faults.trigger(method: "GET", path: "/v2/deployments") != nil) }
        #expect(triggered == [false, true, true, false, false])
    }

    @Test func `a fault applies to its method, path and phase only`() async throws {
        let faults = try faults("status=503,method=POST,path=/v2/deployments", "phase=build,deployment=a,fail=no")
        #expect(await faults.trigger(method: "GET", path: "/v2/deployments") == nil)
        #expect(await faults.trigger(method: "POST", path: "/v1/projects") == nil)
        #expect(await faults.trigger(method: "POST", path: "/v2/deployments/x/revisions") != nil)
        #expect(await faults.trigger(.build, deployment: "b") == nil)
        #expect(await faults.trigger(.deploy, deployment: "a") == nil)
        #expect(await faults.trigger(.build, deployment: "a") != nil)
    }

    @Test func `after a fault is used up the next one applies`() async throws {
        let faults = try faults("status=503,count=1", "status=429")
        let texts = [
            await faults.trigger(method: "GET", path: "/")?.text, await faults.trigger(method: "GET", path: "/")?.text,
        ]
        #expect(texts == ["status=503,count=1", "status=429"])
    }
}

@Suite(.timeLimit(.minutes(2)))
struct FaultRoutesTests {
    private func add(_ fault: String, to fixture: ServerFixture) async throws -> TestResponse {
        try await fixture.send(.post, "/internal/faults", json: #"{"fault": "\#(fault)"}"#)
    }

    @Test func `a fault is added, applied, counted and cleared`() async throws {
        try await ServerFixture.withIdle { fixture in
            #expect(try await add("status=429,retry-after=7,path=/v2,count=1", to: fixture).status == 201)
            let refused = try await fixture.send(.get, "/v2/deployments")
            #expect(refused.status == 429)
            #expect(refused.headers[.retryAfter] == "7")
            #expect(refused.detail == "Too Many Requests")
            #expect(try await fixture.send(.get, "/v2/deployments").status == 200)
            let listed = String(decoding: try await fixture.send(.get, "/internal/faults").bytes, as: UTF8.self)
            #expect(listed.contains(#""injected":1"#))
            #expect(try await fixture.send(.delete, "/internal/faults").status == 204)
            #expect(try await fixture.send(.get, "/internal/faults").bytes.count == 2)
        }
    }

    @Test func `an invalid fault is refused`() async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await add("status=2", to: fixture)
            #expect(answer.status == 400)
            #expect(answer.detail?.contains("from 400 to 599") == true)
        }
    }

    @Test func `faults never apply to the requests that clear them`() async throws {
        try await ServerFixture.withIdle { fixture in
            _ = try await add("status=503", to: fixture)
            #expect(try await fixture.send(.delete, "/internal/faults").status == 204)
        }
    }

    @Test func `a request whose response is lost has taken effect`() async throws {
        try await ServerFixture.withIdle { fixture in
            _ = try await add("lose=answer,method=POST,path=/v2/deployments,count=1", to: fixture)
            let lost = try await fixture.send(
                .post, "/v2/deployments", json: try await fixture.githubBody(name: "demo", secrets: "[]"))
            #expect(lost.status == 502)
            #expect(try await fixture.store.deployments().map(\.name) == ["demo"])
            _ = try await add("lose=request,method=POST,path=/v2/deployments,count=1", to: fixture)
            _ = try await fixture.send(
                .post, "/v2/deployments", json: try await fixture.githubBody(name: "other", secrets: "[]"))
            #expect(try await fixture.store.deployments().count == 1)
        }
    }

    @Test(arguments: [("build", RevisionStatus.buildFailed, LogKind.build), ("deploy", .deployFailed, .deploy)])
    func `an injected phase failure is logged`(phase: String, status: RevisionStatus, kind: LogKind)
        async throws
    {
        try await ServerFixture.withWorking { fixture in
            _ = try await add("phase=\(phase),fail=the disk is full,count=1", to: fixture)
            let first = try #require(try await fixture.createDeployment().latestRevisionID)
            try await fixture.wait(for: first, toBe: status)
            let log = LogFile(kind: kind, revisionFolder: fixture.components.state.folder(of: first)).lines()
            #expect(log.map(\.message).contains("the disk is full"))
            let deployment = try #require(try await fixture.store.deployments().first)
            let second = try await fixture.addRevision(to: deployment.id)
            try await fixture.wait(for: second, toBe: .deployed)
        }
    }
}
