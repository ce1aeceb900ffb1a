import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct LogsTests {
    let fixture: ClientFixture
    let path = "/api-host/v2/deployments/d1/revisions/r1/logs"

    init() throws {
        fixture = try ClientFixture()
    }

    private func page(_ messages: [String], next: String? = nil) -> StubReply {
        let entries = messages.map { #"{"id":"\#($0)","timestamp":1767225600123,"level":"INFO","message":"\#($0)"}"# }
        return .json(
            #"{"logs":[\#(entries.joined(separator: ","))],"next_offset":\#(next.map { "\"\($0)\"" } ?? "null")}"#)
    }

    @Test func `the last lines are returned oldest first`() async throws {
        fixture.stub.on(.get, path + "?type=build&order=desc&limit=2", page(["newest", "older"], next: "x"))
        let lines = try await fixture.client.logs(.build, ofRevision: "r1", of: "d1", last: 2)
        #expect(lines.map(\.message) == ["older", "newest"])
        #expect(lines.first?.date?.timeIntervalSince1970 == 1_767_225_600.123)
    }

    @Test func `lines are sorted by time`() async throws {
        let entries = [(5, "b"), (5, "a"), (9, "c"), (1, "first")].map {
            #"{"id":"\#($1)","timestamp":\#(1_767_225_600_000 + $0),"level":"INFO","message":"\#($1)"}"#
        }
        fixture.stub.on(
            .get, path, .json(#"{"logs":[\#(entries.joined(separator: ","))],"next_offset":null}"#))
        let lines = try await fixture.client.logs(.build, ofRevision: "r1", of: "d1", last: 10)
        #expect(lines.map(\.message) == ["first", "a", "b", "c"])
    }

    @Test func `more lines than fit on a page are read from several pages`() async throws {
        let first = (0..<1000).map { "a\($0)" }
        fixture.stub.on(.get, path + "?type=deploy&order=desc&limit=1000", page(first, next: "a+b="))
        fixture.stub.on(.get, path + "?type=deploy&order=desc&limit=500&offset=a%2Bb%3D", page(["b0"], next: nil))
        let lines = try await fixture.client.logs(.deploy, ofRevision: "r1", of: "d1", last: 1500)
        #expect(lines.count == 1001)
        #expect(lines.first?.message == "b0")
    }

    @Test func `a control plane that repeats its offset does not cause endless logs`() async throws {
        fixture.stub.onEvery(.get, path, page(["a"], next: "same"))
        #expect(try await fixture.client.logs(.build, ofRevision: "r1", of: "d1", last: 50).count == 2)
    }

    @Test(arguments: [404, 405])
    func `an older control plane is called at the older log endpoint as a read`(status: Int) async throws {
        fixture.stub.on(.get, path, .status(status))
        fixture.stub.on(.post, "/api-host/v1/projects/d1/revisions/r1/build_logs", page(["line"]))
        let lines = try await fixture.client.logs(.build, ofRevision: "r1", of: "d1", last: 10)
        #expect(lines.map(\.message) == ["line"])
        #expect(try fixture.sentBody() == #"{"limit":10,"order":"desc"}"#)
        #expect(fixture.stub.requests.last?.isRepeatable == true)
    }

    @Test func `no request is sent for zero lines`() async throws {
        #expect(try await fixture.client.logs(.build, ofRevision: "r1", of: "d1", last: 0).isEmpty)
    }
}
