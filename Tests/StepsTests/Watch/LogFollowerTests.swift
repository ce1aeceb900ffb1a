import ControlPlane
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import Steps

@Suite struct LogFollowerTests {
    private let path = "/v2/deployments/d1/revisions/r1/logs"
    private let stub = StubTransport()
    private let follower: LogFollower

    init() throws {
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test", source: "test"),
            credentials: try Credentials(apiKey: "lsv2_pt_0123456789", source: "test"), transport: stub,
            clock: VirtualClock(automatic: true), jitter: { 1 })
        follower = LogFollower(client: client, deployment: "d1", revision: "r1", kind: .build)
    }

    /// Lines with the milliseconds of their times after 2026-01-01T00:00:00Z.
    private func page(_ lines: [(Int, String)], ids: Bool = true) -> StubReply {
        let entries = lines.map { time, message in
            let id = ids ? #""id":"\#(message)","# : ""
            return #"{\#(id)"timestamp":\#(1_767_225_600_000 + time),"message":"\#(message)"}"#
        }
        return .json(#"{"logs":[\#(entries.joined(separator: ","))],"next_offset":null}"#)
    }

    @Test func `each line comes once, also from a plane that gives all of them each time`() async throws {
        var follower = follower
        stub.on(
            .get, path, page([(0, "a")]), page([(0, "a"), (1, "b")]), page([(0, "a"), (1, "b")]),
            page([(0, "a"), (1, "b"), (2, "c")]))
        var told: [[String]] = []
        for _ in 0..<4 { told.append(try await follower.next().map(\.message)) }
        #expect(told == [["a"], ["b"], [], ["c"]])
    }

    @Test func `later reads ask for the last seconds only`() async throws {
        var follower = follower
        stub.on(.get, path + "?type=build&order=asc&limit=1000", page([(60_000, "a")]))
        stub.on(
            .get, path + "?type=build&order=asc&limit=1000&start_time=2026-01-01T00%3A00%3A55.000Z",
            page([(60_000, "a"), (61_000, "b")]))
        #expect(try await follower.next().map(\.message) == ["a"])
        #expect(try await follower.next().map(\.message) == ["b"])
    }

    @Test func `a line that comes late is told, though younger ones were before it`() async throws {
        var follower = follower
        stub.on(.get, path, page([(900, "young")]), page([(100, "late"), (900, "young")]))
        #expect(try await follower.next().map(\.message) == ["young"])
        #expect(try await follower.next().map(\.message) == ["late"])
    }

    @Test func `lines without ids that are the same to the letter are as many as there are`() async throws {
        var follower = follower
        stub.on(
            .get, path, page([(0, "."), (0, ".")], ids: false), page([(0, "."), (0, "."), (0, ".")], ids: false))
        #expect(try await follower.next().count == 2)
        #expect(try await follower.next().count == 1)
    }

    @Test func `after the last lines only younger ones come`() async throws {
        var follower = follower
        stub.on(.get, path + "?type=build&order=desc&limit=1", page([(2000, "b")]))
        stub.on(
            .get, path, page([(1000, "a"), (2000, "b"), (3000, "c")]),
            page([(1000, "a"), (2000, "b"), (3000, "c")]))
        #expect(try await follower.last(1).map(\.message) == ["b"])
        #expect(try await follower.next().map(\.message) == ["c"])
        #expect(try await follower.next().isEmpty)
    }

    @Test func `fewer lines than asked for leave nothing out`() async throws {
        var follower = follower
        stub.on(.get, path, page([]), page([(0, "a")]))
        #expect(try await follower.last(5).isEmpty)
        #expect(try await follower.next().map(\.message) == ["a"])
    }
}

@Suite struct LogTailTests {
    @Test(
        arguments: [
            ([], nil), (["", "  "], nil), (["hint: try harder"], nil), (["error: boom"], "error: boom"),
            (["error: boom", "hint: try harder", "", "\t"], "error: boom"), (["first", "last"], "last"),
        ] as [([String], String?)])
    func `the telling line is the last that says something`(lines: [String], telling: String?) {
        #expect(LogTail.tellingLine(lines) == telling)
    }
}
