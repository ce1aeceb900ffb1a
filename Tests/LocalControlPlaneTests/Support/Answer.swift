import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

/// What a route answered.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: Data

    var json: JSONValue {
        get throws { try JSONDecoder().decode(JSONValue.self, from: bytes) }
    }

    func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: bytes)
    }

    var detail: String? {
        guard case .message(let text) = try? decoded(as: ErrorBody.self).detail else { return nil }
        return text
    }

    /// `path: message` of every problem of a 422.
    var problems: [String] {
        guard case .problems(let list) = try? decoded(as: ErrorBody.self).detail else { return [] }
        return list.map { "\($0.path): \($0.type)" }
    }
}

/// Takes a response's body.
final class BodyCollector: ResponseBodyWriter {
    private(set) var bytes = Data()

    func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
