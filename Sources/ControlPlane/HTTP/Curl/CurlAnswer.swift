import CLibcurl
import FoundationEssentials

/// What an exchange brought: the answer, and where it points when it is a redirect.
struct CurlAnswer: Sendable {
    var response: HTTPResponse
    var redirectURL: String?

    /// Throws `TransportError` when the exchange brought no whole answer and `CancellationError` when it was cancelled.
    init(of exchange: CurlExchange, _ ending: CurlExchange.Ending) throws {
        guard case .finished(CURLE_OK) = ending else { throw CurlFailure(of: exchange, ending).error }
        var status = 0
        slipway_easy_get_long(exchange.handle, CURLINFO_RESPONSE_CODE, &status)
        response = HTTPResponse(
            status: status, headers: Self.headers(in: exchange.headerBytes), body: exchange.body)
        var target: UnsafePointer<CChar>?
        slipway_easy_get_string(exchange.handle, CURLINFO_REDIRECT_URL, &target)
        redirectURL = target.map { String(cString: $0) }
    }

    /// The fields of the last header block; an interim answer brings one of its own before it.
    static func headers(in bytes: [UInt8]) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if line.starts(with: Array("HTTP/".utf8)) {
                headers.removeAll()
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                headers.append(HTTPHeader(text(line[..<colon]), text(line[(colon + 1)...])))
            }
        }
        return headers
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let start = bytes.drop(while: isBlank)
        let end = start.reversed().prefix(while: isBlank).count
        return String(decoding: start.dropLast(end), as: UTF8.self)
    }
}
