import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TestSupport
import Testing

@testable import Dashboard

/// A dashboard whose requests go straight to its router.
struct DashboardFixture: Sendable {
    static let port = 8200
    static let token = "printed"

    let slipway: FakeSlipway
    let clock = VirtualClock()
    let routes: DashboardRoutes

    init(isReadOnly: Bool = false) throws {
        slipway = try FakeSlipway()
        let program = slipway.program
        routes = DashboardRoutes(
            reader: DashboardReader(runner: CommandRunner(program: program, clock: clock), clock: clock),
            rollbacks: RollbackService(program: program, clock: clock), runs: LocalRuns(stateFolder: slipway.folder),
            layout: PageLayout(controlPlane: "https://plane.example", isReadOnly: isReadOnly),
            access: AccessControl(token: Self.token, newSecret: { UUID().uuidString }),
            address: BoundAddress(port: Self.port), clock: clock,
            newFormID: { UUID().uuidString })
    }

    /// What was answered.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: String

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

        var location: String? { headers[.location] }

        /// The value of a field of the form.
        func field(_ name: String) -> String {
            let start = "name=\"\(name)\" value=\""
            guard let range = body.range(of: start) else { return "" }
            return String(body[range.upperBound...].prefix { $0 != "\"" })
        }
    }

    func send(
        _ method: HTTPRequest.Method = .get, _ path: String, cookie: String? = nil, headers: [String: String] = [:],
        body: String = ""
    ) async throws -> Answer {
        var fields: HTTPFields = [:]
        if let cookie { fields[.cookie] = cookie }
        if method == .post { fields[.contentType] = "application/x-www-form-urlencoded" }
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let host = headers["Host"] ?? "127.0.0.1:\(Self.port)"
        fields[try #require(HTTPField.Name("Host"))] = nil
        let head = HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: fields)
        let response = try await routes.router().buildResponder().respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body))),
            context: DashboardContext(source: Source()))
        let collector = Collector()
        try await response.body.write(collector)
        return Answer(
            status: response.status.code, headers: response.headers,
            body: String(decoding: collector.bytes, as: UTF8.self))
    }

    /// The cookie of a new session.
    func signIn() async throws -> String {
        let answer = try await send(.get, "/sign-in?token=\(Self.token)")
        let cookie = try #require(answer.headers[.setCookie])
        return String(cookie.prefix { $0 != ";" })
    }

    func post(_ path: String, _ fields: [String: String], cookie: String) async throws -> Answer {
        let body = fields.map { "\($0.key)=\(PageParts.encoded($0.value))" }.joined(separator: "&")
        return try await send(
            .post, path, cookie: cookie, headers: ["Origin": "http://127.0.0.1:\(Self.port)"], body: body)
    }

    private struct Source: RequestContextSource {
        let logger = Logger(label: "test")
    }

    private final class Collector: ResponseBodyWriter {
        private(set) var bytes = Data()

        func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// A deployment with two revisions, as the commands print it.
enum Samples {
    static let id = "75f1ba49-bc03-48cf-a775-28db2d240510"
    static let live = "aad30fcd-77f4-45d2-878c-01a193a7196a"
    static let good = "d1602f82-c96e-43de-8e62-07d5c1a10837"

    static let bad = "e2602f82-c96e-43de-8e62-07d5c1a10837"

    static func status(name: String = "agent", subject: String = "Change the prompt") -> String {
        """
        [{"id": "\(id)", "name": "\(name)", "status": "READY", "under_way": [], "active": {"id": "\(live)",
        "status": "DEPLOYED", "commit_sha": "8b5f3fcd709e6b5f85857037053d037b8b4d5985", "subject": "\(subject)",
        "author": "Kim Example", "live_since": "2026-11-30T12:44:22Z"}, "verdicts": ["deployed", "failed"],
        "findings": ["behind"], "behind": 3, "branch": "main"}]
        """
    }

    static func candidates(name: String = "agent", type: String = "dev", live: String = live) -> String {
        """
        {"deployment": {"id": "\(id)", "name": "\(name)", "type": "\(type)"},
        "live": {"id": "\(live)", "status": "DEPLOYED", "commit_sha": "8b5f3fcd709e6b5f85857037053d037b8b4d5985"},
        "under_way": [], "candidates": [{"is_target": true, "mark": null, "note": null,
        "changes": ["removes 1 commit (9c5a5097fdaf..8b5f3fcd709e)"], "revision": {"id": "\(good)",
        "status": "DEPLOYED", "commit_sha": "9c5a5097fdaf689361ace23e7096016f2b175d38"}},
        {"is_target": false, "mark": "rolled back", "reason": "INC-7: <b>slow</b>", "note": null, "changes": [],
        "revision": {"id": "\(bad)", "status": "DEPLOYED", "commit_sha": "1c5a5097fdaf689361ace23e7096016f2b175d38"}}]}
        """
    }
}
