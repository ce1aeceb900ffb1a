import Clocks
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Processes

extension Response {
    init(page: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }

    init(asset bytes: [UInt8], type: String) {
        self.init(
            status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// Reads the fields of a form.
enum FormFields {
    /// Far more than a reason and a name.
    private static let maximumBytes = 16 << 10
    private static let limit = Duration.seconds(10)

    static func read(_ request: Request, on clock: any RunClock) async throws -> [String: String] {
        let type = request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
            throw HTTPError(.unsupportedMediaType)
        }
        let body: ByteBuffer
        do {
            let sent = request.body
            let whole = try await clock.within(limit) { try await sent.collect(upTo: maximumBytes) }
            guard let whole else { throw HTTPError(.requestTimeout) }
            body = whole
        } catch is NIOTooManyBytesError {
            throw HTTPError(.contentTooLarge)
        }
        return parse(String(buffer: body))
    }

    static func parse(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(decode) else { continue }
            fields[name] = parts.dropFirst().first.flatMap(decode) ?? ""
        }
        return fields
    }

    private static func decode(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
