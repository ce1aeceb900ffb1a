import ControlPlaneTypes
import Foundation
import Testing

@testable import LocalControlPlane

struct RequestRecordingTests {
    private struct Line: Decodable {
        let method: String
        let path: String
        let query: String?
        let body: JSONValue?
        let status: Int
    }

    @Test func `requests are recorded with body and status and without secrets, also refused ones`() async throws {
        try await ServerFixture.withState { state in
            let file = state.root.appending(path: "requests.jsonl")
            let fixture = try await ServerFixture(state: state, options: ServerOptions(recording: file))
            _ = try await fixture.send(.get, "/v2/deployments?limit=1")
            let refused = try await fixture.send(
                .post, "/v2/deployments",
                json: #"{"name": "a", "secrets": [{"name": "TOKEN", "value": "hunter2-hunter2"}]}"#)
            #expect(refused.status == 422)
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains("hunter2"))
            #expect(!text.contains(ServerFixture.key))
            let lines = try text.split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            #expect(lines.map(\.method) == ["GET", "POST"])
            #expect(lines.map(\.status) == [200, 422])
            #expect(lines.map(\.query) == ["limit=1", nil])
            guard case .object(let body) = try #require(lines.last?.body) else { return #expect(Bool(false)) }
            #expect(body["name"] == .string("a"))
        }
    }
}
