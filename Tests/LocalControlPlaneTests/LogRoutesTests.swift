import ControlPlaneTypes
import Foundation
import Redaction
import Testing

@testable import LocalControlPlane

struct DeploymentLogRoutesTests {
    private struct Page: Decodable {
        let items: [LogEntry]
        let cursor: String?

        enum CodingKeys: String, CodingKey {
            case items
            case cursor = "next_cursor"
        }
    }

    /// A plane with a build log of three lines.
    private func withLog(_ body: (ServerFixture, DeploymentID, RevisionID) async throws -> Void) async throws {
        try await ServerFixture.withIdle { fixture in
            let deployment = try await fixture.createDeployment()
            let id = try #require(deployment.latestRevisionID)
            let file = LogFile(kind: .build, revisionFolder: fixture.components.state.folder(of: id))
            let log = RevisionLog(file: file, redactor: Redactor(), clock: fixture.clock)
            await log.append("one\ntwo\nthree")
            try await body(fixture, deployment.id, id)
        }
    }

    @Test func `a log is paged`() async throws {
        try await withLog { fixture, deployment, revision in
            let path =
                "/v2/deployment-logs?deployment_id=\(deployment)&revision_id=\(revision)&log_type=BUILD&page_size=2"
            let first: Page = try await fixture.send(.get, path).decoded()
            #expect(first.items.map(\.message) == ["one", "two"])
            let cursor = try #require(first.cursor)
            let second: Page = try await fixture.send(.get, path + "&cursor=\(cursor)").decoded()
            #expect(second.items.map(\.message) == ["three"])
            #expect(second.cursor == nil)
        }
    }

    @Test func `without a revision it is the latest build's log, newest first on request`() async throws {
        try await withLog { fixture, deployment, _ in
            let page: Page = try await fixture.send(
                .get, "/v2/deployment-logs?deployment_id=\(deployment)&log_type=BUILD&sort_order=desc"
            ).decoded()
            #expect(page.items.map(\.message) == ["three", "two", "one"])
        }
    }

    @Test(arguments: [
        ("", ["query.deployment_id: missing"]), ("?deployment_id=x", ["query.deployment_id: uuid_parsing"]),
        (
            "?deployment_id=00000000-0000-4000-8000-0000000000aa&page_size=101&log_type=build",
            ["query.log_type: literal_error", "query.page_size: less_than_equal"]
        ),
    ])
    func `every invalid parameter is reported`(query: String, problems: [String]) async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(.get, "/v2/deployment-logs\(query)")
            #expect(answer.status == 422)
            #expect(answer.problems == problems)
        }
    }
}

struct LogQueryTests {
    private let lines = (1...5).map { number in
        LogLine(number: number, time: number * 1000, level: number == 4 ? .error : .info, message: "line \(number)")
    }

    private func numbers(_ query: LogQuery) -> [Int] {
        query.page(of: lines, kind: .build).logs.compactMap {
            $0.message.split(separator: " ").last.flatMap { Int($0) }
        }
    }

    @Test
    func `lines are paged in either order`() {
        #expect(numbers(LogQuery(limit: 2)) == [1, 2])
        #expect(LogQuery(limit: 2).page(of: lines, kind: .build).nextOffset == "2")
        #expect(numbers(LogQuery(limit: 2, cursor: 2)) == [3, 4])
        #expect(numbers(LogQuery(ascending: false, limit: 2, cursor: 4)) == [3, 2])
        #expect(LogQuery(limit: 5).page(of: lines, kind: .build).nextOffset == nil)
    }

    @Test
    func `lines are filtered by level, text and time`() {
        #expect(numbers(LogQuery(level: .error)) == [4])
        #expect(numbers(LogQuery(text: "LINE 2")) == [2])
        let time = (start: Date(timeIntervalSince1970: 2), end: Date(timeIntervalSince1970: 3))
        #expect(numbers(LogQuery(start: time.start, end: time.end)) == [2, 3])
    }
}
