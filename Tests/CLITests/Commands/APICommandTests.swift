import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import Steps
import TestSupport
import Testing

@testable import CLI

@Suite struct APICommandTests {
    let fixture: ResourceFixture
    var stub: StubTransport { fixture.stub }

    init() throws {
        fixture = try ResourceFixture()
    }

    @Test func `fields are the query of a read or a deletion`() async throws {
        stub.on(.get, "/v2/auth/tokens?x=1&provider_id=a%20b&n=2", .json("[]"))
        try await fixture.run(APICommand.self, ["get", "v2/auth/tokens?x=1", "-F", "provider_id=a b", "-f", "n=2"])
        stub.on(.delete, "/v2/deployments?deployment_ids=a&deployment_ids=b", .status(204))
        try await fixture.run(
            APICommand.self,
            ["DELETE", "/v2/deployments", "-F", "deployment_ids[]=a", "-F", "deployment_ids[]=b", "--yes"])
        #expect(fixture.output == "[]\n")
        stub.expectAllUsed()
    }

    @Test func `fields are the body of a change and are merged into the input`() async throws {
        stub.on(.post, "/v2/auth/authenticate", .json(#"{"status":"pending"}"#), .json("{}"))
        try await fixture.run(
            APICommand.self, ["POST", "/v2/auth/authenticate", "-F", "provider=x", "-F", "scopes[]=a", "-F", "n=1.50"])
        #expect(fixture.sentBody == #"{"provider":"x","scopes":["a"],"n":1.50}"#)
        try await fixture.run(
            APICommand.self, ["POST", "/v2/auth/authenticate", "--input", "-", "-f", "n=1"], input: #"{"z":0,"n":5}"#)
        #expect(fixture.sentBody == #"{"z":0,"n":"1"}"#)
    }

    @Test func `numbers are sent as they stand`() async throws {
        stub.onEvery(.post, "/v2/x", .json("{}"))
        let number = "12345678901234567891.12345678901234567890"
        try await fixture.run(APICommand.self, ["POST", "/v2/x", "-F", "n=\(number)"])
        #expect(fixture.sentBody == #"{"n":\#(number)}"#)
        try await fixture.run(
            APICommand.self, ["POST", "/v2/x", "--input", "-", "-F", "a=1"], input: #"{"n":\#(number)}"#)
        #expect(fixture.sentBody == #"{"n":\#(number),"a":1}"#)
    }

    @Test func `secrets in a response are redacted unless requested`() async throws {
        stub.on(.post, "/v2/deployments/d/push-token", .json(#"{"token":"t0"}"#), .json(#"{"token":"t0"}"#))
        try await fixture.run(APICommand.self, ["POST", "/v2/deployments/d/push-token"])
        #expect(fixture.output == "{\n  \"token\": \"***\"\n}\n")
        try await fixture.run(APICommand.self, ["POST", "/v2/deployments/d/push-token", "--show-secrets"])
        #expect(fixture.output.hasSuffix("{\n  \"token\": \"t0\"\n}\n"))
    }

    @Test func `a response that is not JSON is printed unchanged`() async throws {
        stub.on(.get, "/ok", .status(200, body: "fine"))
        try await fixture.run(APICommand.self, ["GET", "/ok"])
        #expect(fixture.output == "fine")
    }

    @Test(arguments: [
        ("GET", 404, 1), ("GET", 400, 1), ("POST", 422, 1), ("POST", 409, 1), ("GET", 401, 77), ("GET", 403, 77),
        ("GET", 429, 75), ("GET", 500, 69), ("GET", 302, 69), ("POST", 500, 124), ("POST", 405, 1),
    ])
    func `an error status sets the exit code`(method: String, status: Int, code: Int32) async throws {
        stub.onEvery(
            method == "GET" ? .get : .post, "/v2/x", .json(#"{"detail":"because"}"#, status: status))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await fixture.run(APICommand.self, [method, "/v2/x"])
        }
        let failure = error.flatMap { StepFailure(explaining: $0) }
        #expect(failure?.verdict.exitCode == code)
        #expect(failure?.message.contains("because") == true)
    }

    @Test func `all pages of every kind of list are one array`() async throws {
        stub.on(.get, "/v2/deployments?limit=2", .json(#"{"resources":[{"id":"a"},{"id":"b"}],"offset":2}"#))
        stub.on(.get, "/v2/deployments?limit=2&offset=2", .json(#"{"resources":[{"id":"c"}],"offset":3}"#))
        try await fixture.run(APICommand.self, ["GET", "/v2/deployments?limit=2", "--paginate"])
        stub.on(.get, "/v2/integrations/github/installations", .json(#"{"items":[{"id":"a"}],"next_cursor":"x y"}"#))
        stub.on(
            .get, "/v2/integrations/github/installations?cursor=x%20y",
            .json(#"{"items":[{"id":"b"}],"next_cursor":null}"#))
        try await fixture.run(APICommand.self, ["GET", "/v2/integrations/github/installations", "--paginate"])
        stub.on(.get, "/v2/auth/providers", .json(#"[{"id":"a"}]"#))
        try await fixture.run(APICommand.self, ["GET", "/v2/auth/providers", "--paginate"])
        let ids = fixture.output.matches(of: /"id": "(.)"/).map { String($0.output.1) }
        #expect(ids == ["a", "b", "c", "a", "b", "a"])
        stub.expectAllUsed()
    }

    @Test func `lists of resources are read in the largest pages`() async throws {
        stub.on(.get, "/v2/deployments?limit=100", .json(#"{"resources":[],"offset":0}"#))
        try await fixture.run(APICommand.self, ["GET", "/v2/deployments", "--paginate"])
        #expect(fixture.output == "[]\n")
    }

    @Test(arguments: [
        #"{"resources":[{"id":"a"}],"offset":1}"#, #"{"items":[{"x":1}],"next_cursor":"c"}"#, #"{"status":"x"}"#,
    ])
    func `an endless list or a response that is not a list is a failure`(page: String) async throws {
        stub.onEvery(.get, "/v2/x", .json(page))
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(APICommand.self, ["GET", "/v2/x?limit=1", "--paginate"])
        }
        #expect(error?.code == "NotPaged")
    }

    @Test func `deleting requires --yes, and a change asks on a terminal`() async throws {
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(APICommand.self, ["DELETE", "/v2/x"])
        }
        #expect(error?.verdict == .usage)
        await #expect(throws: ExitCode(130)) {
            try await fixture.run(APICommand.self, ["PATCH", "/v2/x", "-F", "a=1"], answer: false)
        }
        #expect(fixture.questions == ["Send PATCH /v2/x?"])
        #expect(stub.requests.isEmpty)
    }

    @Test func `a path that can be read as another one is a usage error that says what`() {
        let error = #expect(throws: (any Error).self) { try APICommand.parse(["DELETE", "/v2/deployments/%2E%2e"]) }
        let message = error.map(APICommand.message) ?? ""
        #expect(message.contains("invalid path '/v2/deployments/%2E%2e': '%2E%2e'"), "\(message)")
        #expect(error.map(APICommand.exitCode) == .validationFailure)
    }

    @Test(arguments: ["/v2/x/?to=../y//z", "/v1/repos/owner%2Frepo", "/v2/x..y/..."])
    func `dots and slashes that mean themselves are sent`(path: String) throws {
        #expect(try APICommand.parse(["GET", path]).path == path)
    }

    @Test(arguments: [
        ["FETCH", "/v2/x"], ["GET", "https://evil.test/v2"], ["GET", "/v2/a b"], ["POST", "/v2/x", "--paginate"],
        ["GET", "/v2/x#y"], ["DELETE", "/v2/deployments/../x"], ["GET", "/v2/%2e%2E/x"], ["GET", "v2/./x"],
        ["GET", "/v2//x"], ["GET", "/v2/a%2F..%2fb"],
    ])
    func `an invalid request is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try APICommand.parse(arguments) }
    }
}
