import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    init(json value: some Encodable, status: HTTPResponse.Status = .ok) throws {
        self.init(json: ByteBuffer(bytes: try ResponseEncoding.bytes(of: value)), status: status)
    }

    init(jsonBytes bytes: [UInt8]) { self.init(json: ByteBuffer(bytes: bytes), status: .ok) }

    /// One page of a list whose resources are already JSON; its `offset` is where the next page starts.
    init(page resources: [[UInt8]], slice: PageSlice) {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(minimumWritableBytes: resources.reduce(64) { $0 + $1.count + 1 })
        buffer.writeString(#"{"offset":\#(slice.offset + resources.count),"resources":["#)
        for (index, resource) in resources.enumerated() {
            if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            buffer.writeBytes(resource)
        }
        buffer.writeString("]}")
        self.init(json: buffer, status: .ok)
    }

    private init(json buffer: ByteBuffer, status: HTTPResponse.Status) {
        self.init(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: buffer))
    }
}

/// Encodes responses as JSON.
enum ResponseEncoding {
    static func bytes(of value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try encoder.encode(value)
    }
}
