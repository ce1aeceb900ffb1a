import CLibcurl

/// The C functions that libcurl calls on the driver's thread; each finds its exchange behind the context pointer.
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
        CurlCallbacks.exchange(context)?.noteActivity()
        return CURL_PREREQFUNC_OK
    }

    private static func exchange(_ context: UnsafeMutableRawPointer?) -> CurlExchange? {
        context.map { Unmanaged<CurlExchange>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Any count but the one that was offered ends the transfer.
    private static func refusal(of buffer: UnsafeRawBufferPointer) -> Int {
        buffer.isEmpty ? 1 : 0
    }
}
