import Clocks
import Foundation
import TestSupport

@testable import ControlPlane
@testable import ControlPlaneTypes
@testable import JSON
@testable import Redaction

extension FuzzTarget {
    static let api = [
        FuzzTarget("api-answers", seeds: answers, check: checkAnswer),
        FuzzTarget("raw-json", seeds: documents, check: checkJSON),
        FuzzTarget("log-entries", seeds: logs, check: checkLogs),
        FuzzTarget("retry-after", seeds: pauses, check: checkPause),
        FuzzTarget("proxies", seeds: proxies, check: checkProxy),
        FuzzTarget("addresses", seeds: addresses, check: checkAddress),
    ]

    private static let key = "lsv2_sk_0123456789abcdef"

    private static let revision = #"""
        {"id":"4f2a6c1e-0000-4000-8000-000000000002","status":"DEPLOYED","created_at":"2026-03-01T12:00:00.123456Z",
        "updated_at":"2026-03-01T12:00:00+00:00","source":"github","source_revision_config":{"repo_ref":"main",
        "langgraph_config_path":"langgraph.json","repo_commit_sha":"3f2a1bc9d8e7f60514233241506978a0b1c2d3e4"}}
        """#
    private static let deployment = #"""
        {"id":"1b7d9e30-0000-4000-8000-000000000001","name":"agent","source":"github","source_config":{"repo_url":
        "https://github.com/a/b","integration_id":"x","deployment_type":"dev","build_on_push":false,"resource_spec":
        {"cpu":1.5}},"source_revision_config":{"repo_ref":"main"},"secrets":[{"name":"A","value":"b"}],"status":"READY",
        "latest_revision_id":"4f2a6c1e-0000-4000-8000-000000000002","active_revision_id":null,"created_at":
        "2026-03-01T12:00:00Z","updated_at":"2026-03-01 12:00:00","tenant_id":"t"}
        """#

    /// The first byte chooses the status, the second the call, the third whether there was a good response before.
    private static let answers = [
        "aa0" + deployment, "aa1" + revision, "ab0{\"resources\":[\(deployment)],\"offset\":1}",
        "ac1" + revision, "ad0{\"resources\":[\(revision)],\"offset\":1}", "ae1" + deployment,
        "af0{\"logs\":[{\"id\":\"1\",\"timestamp\":1767225600000,\"level\":\"INFO\",\"message\":\"m\"}],\"next_offset\":\"5\"}",
        "ca0{\"detail\":\"no key\"}",
        "eb1{\"detail\":[{\"loc\":[\"body\",\"name\",0],\"msg\":\"required\",\"type\":\"missing\"}]}",
        "ga1<html><body>503 Service Temporarily Unavailable</body></html>", "ha0<html>proxy login</html>",
        "ia1\u{FEFF}{}",
        "ag0[{\"id\":\"1\",\"name\":\"n\"}]",
    ]
    private static let statuses = [
        200, 201, 400, 401, 403, 404, 405, 407, 409, 422, 429, 500, 502, 503, 504, 204, 301, 302, 307, 100, 600, 0, -1,
    ]

    @Sendable private static func checkAnswer(_ input: [UInt8]) throws {
        guard input.count >= 3 else { return }
        let response = HTTPResponse(
            status: statuses[Int(input[0] &- UInt8(ascii: "a")) % statuses.count],
            headers: [HTTPHeader("Retry-After", "7"), HTTPHeader("Date", "Sun, 06 Nov 1994 08:49:37 GMT")],
            // The key stands in some of the answers, as those of proxies that show the request.
            body: Data(input[3...]) + (input[2] % 4 == 3 ? Data("\n\(key)".utf8) : Data()))
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://host.example", source: "test"),
            credentials: try Credentials(apiKey: key, source: "test"), transport: OneResponse(response: response),
            clock: VirtualClock(automatic: true), jitter: { 0.5 })
        if input[2] % 2 == 1 { client.resumeContact() }
        let call = input[1]
        if let error = blocking({ await failure(of: call, client) }) {
            let error = error as? ControlPlaneError
            try expect(error != nil, "another error than ControlPlaneError")
            try expect(error?.message.isEmpty == false, "an error without a message")
            try expect(error?.description.contains(key) == false, "the key is in: \(error?.description ?? "")")
        }
    }

    private static func failure(of call: UInt8, _ client: ControlPlaneClient) async -> (any Error)? {
        let (id, revision) = (DeploymentID(rawValue: "d"), RevisionID(rawValue: "r"))
        do {
            switch call % 8 {
            case 0: _ = try await client.listDeployments().resources.map { "\($0)" }
            case 1: _ = try await client.deployment(id)
            case 2: _ = try await client.listRevisions(of: id).resources.map(\.createdAt)
            case 3: _ = try await client.revision(revision, of: id)
            case 4: _ = try await client.redeploy(revision, of: id)
            case 5: _ = try await client.logs(.build, ofRevision: revision, of: id, last: 5)
            case 6: _ = try await client.githubIntegrations()
            default: _ = try await client.deploymentDocument(id).redacted.indented
            }
            return nil
        } catch { return error }
    }

    private static let documents = [
        deployment, revision, #"[1,-0.5e+10,true,null,"\ud83d\udd11\u00e4\/"]"#, #"{"a":{"a":1,"a":[{}]},"":"\\"}"#,
        #"{"secrets":[{"name":"A","value":"hunter22"}],"url":"https://u:p@h/?q=1"}"#,
    ]

    @Sendable private static func checkJSON(_ input: [UInt8]) throws {
        guard let value = try? RawJSON(parsing: input.data) else { return }
        try expect(try RawJSON(parsing: value.data) == value, "another value when it is read again")
        try expect(try RawJSON(parsing: Data(value.indented.utf8)) == value, "another value when it is indented")
        let hidden = value.redacted
        try expect(try RawJSON(parsing: hidden.data) == hidden, "what is redacted is not JSON")
        _ = JSONRedaction.hidingValues(inFragment: input.text)
        let text = TextSanitizer(escapesCICommands: true).json(String(decoding: value.data, as: UTF8.self))
        try expect((try? RawJSON(parsing: Data(text.utf8))) != nil, "what is sanitized is not JSON: \(text)")
        _ = value.setting(.null, at: ["a", "b"])
    }

    private static let logs = [
        #"{"logs":[{"id":"1","timestamp":1767225600000,"level":"INFO","message":"m"}],"next_offset":"5"}"#,
        #"{"logs":[{"timestamp":"2026-01-01T00:00:00.5+02:00","message":"a"},{"timestamp":1e30}],"next_offset":null}"#,
        "2026-03-01T12:00:00.123Z", "2026-03-01 12:00:00", "2026-03-01T12:00:00.999999-11:30",
    ]

    @Sendable private static func checkLogs(_ input: [UInt8]) throws {
        if let date = Timestamp(text: input.text).date, abs(date.timeIntervalSince1970) < 60_000_000_000 {
            let again = Timestamp(date).date
            try expect(
                again.map { abs($0.timeIntervalSince(date)) < 0.001 } == true, "\(date) was read as \(again as Any)")
        }
        guard let page = try? JSONDecoder().decode(LogsPage.self, from: input.data) else { return }
        let again = try JSONDecoder().decode(LogsPage.self, from: try JSONEncoder().encode(page))
        try expect(again.logs.map(\.message) == page.logs.map(\.message), "other messages when it is read again")
        for entry in ControlPlaneClient.inOrderOfTime(page.logs) {
            if let date = entry.date { _ = Timestamp(date) }
        }
    }

    private static let pauses = [
        "120\nSun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT\nSun Nov  6 08:49:37 1994",
        "99999999999999999999\n", "Wed, 21 Oct 2026 07:28:00 GMT\nWed, 21 Oct 2026 07:27:00 GMT", "-1\nx",
    ]

    @Sendable private static func checkPause(_ input: [UInt8]) throws {
        let lines = input.lines(2)
        let response = HTTPResponse(
            status: 429, headers: [HTTPHeader("Retry-After", lines[0]), HTTPHeader("Date", lines[1])])
        let now = Date(timeIntervalSince1970: 1_767_225_600)
        if let pause = RetryAfter.pause(in: response, now: now) {
            try expect(pause > .zero && pause <= .seconds(86_400), "a pause of \(pause)")
        }
        let decision = RetryPolicy().decide(
            .init(
                outcome: .success(response), isRepeatable: true, failures: input.count, elapsed: .seconds(1),
                remaining: .seconds(60), hostHasAnswered: true, date: now), jitter: 0.5)
        if case .retry(let pause) = decision { try expect(pause <= .seconds(60), "a retry after \(pause)") }
        if let duration = Duration(text: lines[0]) {
            try expect(duration >= .zero && !duration.brief.isEmpty, "a duration of \(duration)")
            _ = duration.milliseconds
        }
    }

    private static let proxies = [
        "http://ci:pass%23word@proxy.example:3128\n10.0.0.0/8,.example", "socks5h://[::1]:1080\n*", "proxy:80\n",
        "http://ci:p#w@proxy.example:3128\nlocalhost", "http://token@proxy\n",
    ]

    @Sendable private static func checkProxy(_ input: [UInt8]) throws {
        let lines = input.lines(2)
        let environment = ["HTTPS_PROXY": lines[0], "NO_PROXY": lines[1]]
        _ = ProxySettings.isProxyURL(lines[0])
        guard let server = Origin(ofURL: "https://host.example") else { return }
        _ = ProxySettings(environment: environment).invalidVariable(for: server)
        let redactor = Redactor(secrets: URLCredentials.ofProxies(in: environment))
        // A password of four bytes or more, wherever a library repeats the URL.
        guard let at = lines[0].lastIndex(of: "@"), let scheme = lines[0].firstRange(of: "://"),
            scheme.upperBound < at, let colon = lines[0][scheme.upperBound..<at].firstIndex(of: ":")
        else { return }
        let password = String(lines[0][lines[0].index(after: colon)..<at])
        guard password.utf8.count >= Redactor.shortestSecret, !password.contains("*"), password != "x-oauth-basic"
        else { return }
        try expect(!redactor.redact("cannot resolve \(lines[0])").contains(password), "the password is shown")
    }

    private static let addresses = [
        "https://host.example/api-host/", "http://127.0.0.1:8080", "https://eu.api.smith.langchain.com/api/v1",
        "http://[::1]:65535/x", "https://u:p@host?q#f",
    ]

    @Sendable private static func checkAddress(_ input: [UInt8]) throws {
        for make in [
            { try ControlPlaneAddress(input.text, source: "test") },
            { try ControlPlaneAddress(langSmithEndpoint: input.text, source: "test") },
        ] {
            do {
                let address = try make()
                try expect(address.lockName.hasPrefix("http"), "the lock's name is \(address.lockName)")
                let again = try ControlPlaneAddress(address.baseURL, source: "test")
                try expect(again.lockName == address.lockName, "two locks")
            } catch let error as ControlPlaneError {
                try expect(!error.message.isEmpty, "an error without a message")
            }
        }
    }
}

/// Answers every request in the same way.
private struct OneResponse: HTTPTransport {
    let response: HTTPResponse

    func send(_ request: HTTPRequest) async throws -> HTTPResponse { response }
}
