import CLibcurl
import Clocks
import FoundationEssentials
import Glibc
import Synchronization

/// An easy handle with its request and the response received so far.
///
/// The requesting task creates it and reads it at the end; in between only the driver's thread uses it.
final class CurlExchange: @unchecked Sendable {
    /// How the transfer ended.
    enum Ending: Sendable {
        case finished(CURLcode)
        case idle
        /// The response did not begin in time.
        case unanswered
        case overdue
        case cancelled
        case driverStopped
    }

    let handle: UnsafeMutableRawPointer
    let request: HTTPRequest
    let clock: any RunClock
    var continuation: CheckedContinuation<Ending, Never>?

    private(set) var headerBytes: [UInt8] = []
    private(set) var body = Data()
    private(set) var isTooLarge = false
    /// When the last byte was transferred; nil until the connection is made and the request starts.
    private(set) var lastActivity: MonotonicInstant?
    /// When the request has to be answered; nil before it starts.
    private var answerDue: MonotonicInstant?
    let end: MonotonicInstant?
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    var headerList: UnsafeMutablePointer<curl_slist>?
    var file: UploadFile?
    private let isOver = Atomic(false)

    init(_ request: HTTPRequest, clock: any RunClock) throws(TransportError) {
        guard let handle = curl_easy_init() else {
            throw TransportError(.other, "cannot create a libcurl handle", mayHaveBeenProcessed: false)
        }
        self.handle = handle
        self.request = request
        self.clock = clock
        end = [request.limits.total.map(clock.now.advanced), request.deadline].compactMap(\.self).min()
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// False while it is certain that no byte of the request was sent.
    var hasStarted: Bool { lastActivity != nil }

    /// How the exchange has ended by now because of a limit; nil if it has not.
    func expiry(at now: MonotonicInstant) -> Ending? {
        if let end, now >= end { return .overdue }
        guard let lastActivity else { return nil }
        if headerBytes.isEmpty, let answerDue { return now >= answerDue ? .unanswered : nil }
        return now >= lastActivity.advanced(by: request.limits.idle) ? .idle : nil
    }

    /// The earliest time at which `expiry` can return an ending.
    func earliestExpiry(at now: MonotonicInstant) -> MonotonicInstant {
        let isWaiting = lastActivity == nil || (headerBytes.isEmpty && answerDue != nil)
        let idle = (isWaiting ? now : lastActivity ?? now).advanced(by: request.limits.idle)
        let unanswered = isWaiting ? answerDue ?? request.limits.firstByte.map(now.advanced) : nil
        return [end, unanswered, idle].compactMap(\.self).min() ?? idle
    }

    /// Called once, on the driver's thread; afterwards only the task uses the exchange.
    func finish(_ ending: Ending) {
        let continuation = continuation
        self.continuation = nil
        isOver.store(true, ordering: .releasing)
        continuation?.resume(returning: ending)
    }

    /// Called by the task when it resumes. The continuation already orders the two threads, but ThreadSanitizer does
    /// not see that.
    func takeOver() {
        _ = isOver.load(ordering: .acquiring)
    }

    // MARK: Called by libcurl

    func noteStart() {
        noteActivity()
        answerDue = request.limits.firstByte.map(clock.now.advanced)
    }

    func noteActivity() {
        lastActivity = clock.now
    }

    /// Receives header lines, including those of interim responses; false ends the transfer.
    func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        noteActivity()
        guard headerBytes.count + bytes.count <= Self.headerLimit else { return false }
        headerBytes.append(contentsOf: bytes)
        return true
    }

    /// Receives decoded bytes, so that a small gzip body cannot exceed the limit; false ends the transfer.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        noteActivity()
        guard body.count + bytes.count <= request.limits.bodyBytes else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// The limit of libcurl itself for all header lines together, in bytes.
    private static let headerLimit = 300 << 10
}

/// The C functions that libcurl calls on the driver's thread; the context pointer is the exchange.
enum CurlCallbacks {
    static let body: curl_write_callback = { bytes, size, count, context in
        guard let exchange = CurlCallbacks.exchange(context) else { return 0 }
        let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return exchange.receiveBody(buffer) ? buffer.count : refusal(of: buffer)
    }

    static let header: curl_write_callback = { bytes, size, count, context in
        guard let exchange = CurlCallbacks.exchange(context) else { return 0 }
        let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return exchange.receiveHeader(buffer) ? buffer.count : refusal(of: buffer)
    }

    static let read: curl_read_callback = { bytes, size, count, context in
        guard let exchange = CurlCallbacks.exchange(context), let file = exchange.file else {
            return Int(CURL_READFUNC_ABORT)
        }
        exchange.noteActivity()
        let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
        return file.read(into: buffer) ?? Int(CURL_READFUNC_ABORT)
    }

    static let beforeRequest: curl_prereq_callback = { context, _, _, _, _ in
        CurlCallbacks.exchange(context)?.noteStart()
        return CURL_PREREQFUNC_OK
    }

    private static func exchange(_ context: UnsafeMutableRawPointer?) -> CurlExchange? {
        context.map { Unmanaged<CurlExchange>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A count other than the buffer's ends the transfer.
    private static func refusal(of buffer: UnsafeRawBufferPointer) -> Int {
        buffer.isEmpty ? 1 : 0
    }
}

/// A file that is streamed as a request body.
final class UploadFile {
    private let descriptor: CInt
    private var remaining: Int

    init(path: String, size: Int) throws(TransportError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        remaining = size
        guard descriptor >= 0 else {
            throw TransportError(
                .invalidRequest, "cannot read '\(path)': \(String(cString: strerror(errno)))",
                mayHaveBeenProcessed: false)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Fills `buffer` as far as possible; nil if the file cannot be read or is shorter than `size`.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard remaining > 0 else { return 0 }
        let count = Glibc.read(descriptor, buffer.baseAddress, min(buffer.count, remaining))
        guard count > 0 else { return nil }
        remaining -= count
        return count
    }
}

/// The response of an exchange, and its target if it is a redirect.
struct CurlAnswer: Sendable {
    var response: HTTPResponse
    var redirectURL: String?

    /// Throws `TransportError` without a complete response, and `CancellationError` if the exchange was cancelled.
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

    /// The fields of the last header block; interim responses have their own blocks before it.
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
