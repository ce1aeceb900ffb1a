import Clocks
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

/// A client over a scripted transport, at an address with a path of its own.
struct ClientFixture {
    static let key = "lsv2_pt_0123456789"
    static let tenant = "11111111-2222-3333-4444-555555555555"

    let clock = VirtualClock(automatic: true)
    let stub = StubTransport()
    let client: ControlPlaneClient

    init(tenantID: String? = ClientFixture.tenant) throws {
        client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.test/api-host", source: "test"),
            credentials: try Credentials(apiKey: Self.key, source: "LANGSMITH_API_KEY_EU", tenantID: tenantID),
            transport: stub,
            clock: clock, jitter: { 1 })
    }

    static func deployment(_ id: String = "d1", name: String = "agent", status: String = "READY") -> String {
        #"{"id":"\#(id)","name":"\#(name)","source":"github","status":"\#(status)","latest_revision_id":"r9"}"#
    }

    static func revision(_ id: String = "r1", status: String = "DEPLOYED") -> String {
        #"{"id":"\#(id)","status":"\#(status)","source_revision_config":{"repo_commit_sha":"ABC"}}"#
    }

    static func page(_ resources: [String], next: Int) -> String {
        #"{"resources":[\#(resources.joined(separator: ","))],"offset":\#(next)}"#
    }

    /// The body of the last request.
    func sentBody() throws -> String {
        guard case .bytes(let data) = try #require(stub.requests.last).body else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}
