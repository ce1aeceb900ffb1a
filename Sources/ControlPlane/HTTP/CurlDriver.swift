import CLibcurl
import Clocks

/// Runs all transfers of a transport on one thread, which starts with the first transfer.
final class CurlDriver: @unchecked Sendable {
    private struct Inbox {
        var starting: [CurlExchange] = []
        var cancelled: [CurlExchange] = []
        var thread: DriverThread?
        var isStopped = false

        var isEmpty: Bool { starting.isEmpty && cancelled.isEmpty }
    }

    private let multi: UnsafeMutableRawPointer
    private let clock: any RunClock
    private let inbox = Locked(Inbox())

    // Used by the driver's thread only.
    private var active: [UnsafeMutableRawPointer: CurlExchange] = [:]
    private var nextExpiry: MonotonicInstant?

    init(connectionsPerHost: Int, clock: any RunClock) throws(TransportError) {
        guard CurlLibrary.isReady, let multi = curl_multi_init() else {
            throw TransportError(.other, "cannot initialize libcurl", mayHaveBeenProcessed: false)
        }
        self.multi = multi
        self.clock = clock
        slipway_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
        // The default of 100 makes libcurl open hundreds of further connections instead of more streams.
        slipway_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 2000)
    }

    deinit {
        curl_multi_cleanup(multi)
    }

    /// Returns when the exchange has ended, immediately if the task is cancelled.
    func run(_ exchange: CurlExchange) async throws(TransportError) -> CurlExchange.Ending {
        try startThread()
        let ending = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.continuation = continuation
                submit(exchange)
            }
        } onCancel: {
            cancel(exchange)
        }
        exchange.takeOver()
        return ending
    }

    /// Ends all transfers and waits for the thread; later exchanges end immediately.
    func stop() {
        let thread = inbox.withLock { inbox in
            inbox.isStopped = true
            defer { inbox.thread = nil }
            return inbox.thread
        }
        guard let thread else { return }
        curl_multi_wakeup(multi)
        thread.join()
    }

    private func startThread() throws(TransportError) {
        let failure: TransportError? = inbox.withLock { inbox in
            guard inbox.thread == nil, !inbox.isStopped else { return nil }
            do throws(TransportError) {
                inbox.thread = try DriverThread { self.loop() }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Called by the task itself, so that `Task.isCancelled` refers to it: a later cancellation finds the exchange in
    /// the inbox or in progress.
    private func submit(_ exchange: CurlExchange) {
        let refusal: CurlExchange.Ending? = deliver { inbox in
            guard !inbox.isStopped else { return .driverStopped }
            guard !Task.isCancelled else { return .cancelled }
            inbox.starting.append(exchange)
            return nil
        }
        if let refusal { exchange.finish(refusal) }
    }

    private func cancel(_ exchange: CurlExchange) {
        deliver { $0.cancelled.append(exchange) }
    }

    /// Wakes the thread for the first message only: it takes all messages at once.
    private func deliver<Result>(_ message: (inout Inbox) -> Result) -> Result {
        let (result, isFirst) = inbox.withLock { inbox in
            let wasEmpty = inbox.isEmpty
            let result = message(&inbox)
            return (result, wasEmpty && !inbox.isEmpty)
        }
        if isFirst { curl_multi_wakeup(multi) }
        return result
    }

    // MARK: On the driver's thread

    private func loop() {
        while takeInbox() {
            var running: CInt = 0
            curl_multi_perform(multi, &running)
            finishDone()
            finishExpired()
            curl_multi_poll(multi, nil, 0, pause(), nil)
        }
        for exchange in active.values { end(exchange, .driverStopped) }
    }

    /// Returns false once the driver is stopped.
    private func takeInbox() -> Bool {
        let (starting, cancelled, isStopped) = inbox.withLock { inbox in
            defer {
                inbox.starting = []
                inbox.cancelled = []
            }
            return (inbox.starting, inbox.cancelled, inbox.isStopped)
        }
        for exchange in starting { begin(exchange) }
        for exchange in cancelled where active[exchange.handle] === exchange {
            end(exchange, .cancelled)
        }
        return !isStopped
    }

    private func begin(_ exchange: CurlExchange) {
        guard curl_multi_add_handle(multi, exchange.handle) == CURLM_OK else {
            return exchange.finish(.finished(CURLE_FAILED_INIT))
        }
        active[exchange.handle] = exchange
        let expiry = exchange.earliestExpiry(at: clock.now)
        nextExpiry = min(nextExpiry ?? expiry, expiry)
    }

    private func end(_ exchange: CurlExchange, _ ending: CurlExchange.Ending) {
        active[exchange.handle] = nil
        curl_multi_remove_handle(multi, exchange.handle)
        exchange.finish(ending)
    }

    private func finishDone() {
        var left: CInt = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let exchange = active[message.pointee.easy_handle] else {
                continue
            }
            end(exchange, .finished(slipway_message_result(message)))
        }
    }

    /// The driver enforces the limits because libcurl ignores its own while a transfer waits for a connection.
    private func finishExpired() {
        let now = clock.now
        guard let nextExpiry, nextExpiry <= now else { return }
        for exchange in active.values {
            if let ending = exchange.expiry(at: now) { end(exchange, ending) }
        }
        self.nextExpiry = active.values.map { $0.earliestExpiry(at: now) }.min()
    }

    /// The longest wait for socket activity, in milliseconds.
    private func pause() -> CInt {
        let longest = Duration.seconds(60)
        guard !active.isEmpty, let nextExpiry else { return CInt(longest.milliseconds) }
        let left = min(max(clock.now.duration(to: nextExpiry), .zero), longest)
        return CInt(left.milliseconds + 1)
    }
}

/// libcurl's process-wide state, initialized once.
private enum CurlLibrary {
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
