import CLibcurl
import Clocks
import FoundationEssentials
import Synchronization

/// One easy handle with its request and what has come back so far.
///
/// The task that asks makes it and reads it at the end; in between only the driver's thread touches it.
final class CurlExchange: @unchecked Sendable {
    /// How the driver's part ended.
    enum Ending: Sendable {
        case finished(CURLcode)
        case idle
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
    /// When the last byte moved; nil until the connection stands and the request starts to go out.
    private(set) var lastActivity: MonotonicInstant?
    let end: MonotonicInstant
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    var headerList: UnsafeMutablePointer<curl_slist>?
    var file: UploadFile?
    private let isOver = Atomic(false)

    init(_ request: HTTPRequest, clock: any RunClock) throws(TransportError) {
        guard let handle = curl_easy_init() else {
            throw TransportError(.other, "libcurl could not make a handle", mayHaveBeenProcessed: false)
        }
        self.handle = handle
        self.request = request
        self.clock = clock
        let limit = clock.now.advanced(by: request.limits.total)
        end = request.deadline.map { min($0, limit) } ?? limit
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// False as long as it is certain that no byte of the request has left.
    var hasStarted: Bool { lastActivity != nil }

    func hasExpired(at now: MonotonicInstant) -> Bool {
        guard now < end, let lastActivity else { return now >= end }
        return now >= lastActivity.advanced(by: request.limits.idle)
    }

    /// Before this, `hasExpired` cannot become true.
    func earliestExpiry(at now: MonotonicInstant) -> MonotonicInstant {
        min(end, (lastActivity ?? now).advanced(by: request.limits.idle))
    }

    /// Called once, on the driver's thread; from then on everything here is the task's again.
    func finish(_ ending: Ending) {
        let continuation = continuation
        self.continuation = nil
        isOver.store(true, ordering: .releasing)
        continuation?.resume(returning: ending)
    }

    /// Called by the task when it goes on. The continuation orders the two threads by itself, but ThreadSanitizer
    /// cannot see into the runtime.
    func takeOver() {
        _ = isOver.load(ordering: .acquiring)
    }

    // MARK: Called back by libcurl

    func noteActivity() {
        lastActivity = clock.now
    }

    /// Header lines, those of interim answers included; false ends the transfer.
    func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        noteActivity()
        guard headerBytes.count + bytes.count <= Self.headerLimit else { return false }
        headerBytes.append(contentsOf: bytes)
        return true
    }

    /// Decoded bytes, so that a small gzip body cannot unpack past the limit; false ends the transfer.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        noteActivity()
        guard body.count + bytes.count <= request.limits.bodyBytes else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// As much as real servers and libcurl itself allow for all header lines together, in bytes.
    private static let headerLimit = 300 << 10
}
