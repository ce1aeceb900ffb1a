import ControlPlane
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import Steps

@Suite struct LogCursorTests {
    private let path = "/v2/deployments/d1/revisions/r1/logs"
    private let stub = StubTransport()
    private let client: ControlPlaneClient
    private let cursor = LogCursor(kind: .build, deployment: "d1", revision: "r1")

    init() throws {
        client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test", source: "test"),
            credentials: try Credentials(apiKey: "lsv2_pt_0123456789", source: "test"), transport: stub,
            clock: VirtualClock(automatic: true), jitter: { 1 })
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
        var cursor = cursor
        stub.on(
            .get, path, page([(0, "a")]), page([(0, "a"), (1, "b")]), page([(0, "a"), (1, "b")]),
            page([(0, "a"), (1, "b"), (2, "c")]))
        var told: [[String]] = []
        for _ in 0..<4 { told.append(try await cursor.next(from: client).map(\.message)) }
        #expect(told == [["a"], ["b"], [], ["c"]])
    }

    @Test func `later reads ask for the last seconds only`() async throws {
        var cursor = cursor
        stub.on(.get, path + "?type=build&order=asc&limit=1000", page([(60_000, "a")]))
        stub.on(
            .get, path + "?type=build&order=asc&limit=1000&start_time=2026-01-01T00%3A00%3A55.000Z",
            page([(60_000, "a"), (61_000, "b")]))
        #expect(try await cursor.next(from: client).map(\.message) == ["a"])
        #expect(try await cursor.next(from: client).map(\.message) == ["b"])
    }

    @Test func `a line that comes late is told, though younger ones were before it`() async throws {
        var cursor = cursor
        stub.on(.get, path, page([(900, "young")]), page([(100, "late"), (900, "young")]))
        #expect(try await cursor.next(from: client).map(\.message) == ["young"])
        #expect(try await cursor.next(from: client).map(\.message) == ["late"])
    }

    @Test func `lines without ids that are the same to the letter are as many as there are`() async throws {
        var cursor = cursor
        stub.on(
            .get, path, page([(0, "."), (0, ".")], ids: false), page([(0, "."), (0, "."), (0, ".")], ids: false))
        #expect(try await cursor.next(from: client).count == 2)
        #expect(try await cursor.next(from: client).count == 1)
    }

    @Test func `after the last lines only younger ones come`() async throws {
        var cursor = cursor
        stub.on(.get, path + "?type=build&order=desc&limit=1", page([(2000, "b")]))
        stub.on(
            .get, path, page([(1000, "a"), (2000, "b"), (3000, "c")]),
            page([(1000, "a"), (2000, "b"), (3000, "c")]))
        #expect(try await cursor.last(1, from: client).map(\.message) == ["b"])
        #expect(try await cursor.next(from: client).map(\.message) == ["c"])
        #expect(try await cursor.next(from: client).isEmpty)
    }

    @Test func `fewer lines than asked for leave nothing out`() async throws {
        var cursor = cursor
        stub.on(.get, path, page([]), page([(0, "a")]))
        #expect(try await cursor.last(5, from: client).isEmpty)
        #expect(try await cursor.next(from: client).map(\.message) == ["a"])
    }

    @Test(arguments: ["1e30", "-1e30", "9e18", "253402300800000"])
    func `a line whose time cannot be is shown, and hides nothing after it`(time: String) async throws {
        var cursor = cursor
        let stray = #"{"id":"a","timestamp":\#(time),"message":"stray"}"#
        let later = #"{"id":"b","timestamp":1767225601000,"message":"later"}"#
        stub.on(
            .get, path, .json(#"{"logs":[\#(stray)],"next_offset":null}"#),
            .json(#"{"logs":[\#(stray),\#(later)],"next_offset":null}"#))
        #expect(try await cursor.next(from: client).map(\.message) == ["stray"])
        #expect(try await cursor.next(from: client).map(\.message) == ["later"])
        #expect(stub.requests.allSatisfy { !$0.url.contains("start_time") })
    }

    @Test func `a time in the future does not move the cursor`() async throws {
        var cursor = cursor
        stub.on(.get, path, page([(0, "now"), (86_400_000, "tomorrow")]), page([(86_400_000, "tomorrow")]))
        #expect(try await cursor.next(from: client).count == 2)
        #expect(try await cursor.next(from: client).isEmpty)
        #expect(stub.requests.last?.url.hasSuffix("start_time=2025-12-31T23%3A59%3A55.000Z") == true)
    }

    @Test func `a page that comes again and again ends the read`() async throws {
        var cursor = cursor
        for number in 0..<2 { stub.on(.get, path, .json(Self.endless("same", next: number))) }
        #expect(try await cursor.next(from: client).map(\.message) == ["same"])
        #expect(!cursor.hasMore)
        stub.expectAllUsed()
    }

    @Test func `pages without an end are read ten at a time`() async throws {
        var cursor = cursor
        for number in 0..<12 {
            stub.on(.get, path, .json(Self.endless("line \(number)", next: number < 11 ? number : nil)))
        }
        #expect(try await cursor.next(from: client).count == 10)
        #expect(cursor.hasMore)
        #expect(try await cursor.next(from: client).map(\.message) == ["line 10", "line 11"])
        #expect(!cursor.hasMore)
        stub.expectAllUsed()
    }

    private static func endless(_ message: String, next: Int?) -> String {
        let offset = next.map { "\"\($0)\"" } ?? "null"
        return
            #"{"logs":[{"id":"\#(message)","timestamp":1767225600000,"message":"\#(message)"}],"next_offset":\#(offset)}"#
    }
}
