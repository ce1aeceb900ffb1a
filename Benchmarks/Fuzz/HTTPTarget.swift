import Clocks
import Foundation
import Synchronization

@testable import ControlPlane
@testable import TestSupport

extension FuzzTarget {
    /// The bytes that a server, or a proxy that should open a tunnel, writes; the first one chooses which.
    static let http = [FuzzTarget("http-answers", seeds: answers, check: checkAnswer)]

    private static let answers = [
        "sHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "pHTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "sHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "pHTTP/1.1 200 Connection established\r\n\r\n\u{16}\u{3}\u{3}",
        "sHTTP/1.1 302 Found\r\nLocation: /again\r\nRetry-After: 1\r\n\r\n",
        "sHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 x\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\nx",
        "sHTTP/1.1 307 x\r\nLocation: https://other.example/\r\n\r\n", "sHTTP/2 200\r\n\r\n", "pSOCKS",
    ]

    private static let server = RawServer()
    private static let transport: CurlTransport? = {
        // libcurl reads it itself, for the address with https only.
        setenv("https_proxy", "http://ci:hunter2pass@127.0.0.1:\(server.port)", 1)
        let proxies = ProxySettings(environment: ProcessInfo.processInfo.environment)
        return try? CurlTransport(CurlConfiguration(version: "fuzz", proxies: proxies), clock: SystemClock())
    }()

    @Sendable private static func checkAnswer(_ input: [UInt8]) throws {
        guard let first = input.first, let transport else { return }
        server.answer.withLock { $0 = Array(input.dropFirst()) }
        let url = first % 2 == 0 ? "https://host.example/x" : "http://127.0.0.1:\(server.port)/x"
        var limits = HTTPLimits()
        (limits.idle, limits.total) = (.seconds(2), .seconds(4))
        let request = HTTPRequest(.get, url, limits: limits)
        let outcome = blocking { () async -> Result<HTTPResponse, any Error> in
            do { return .success(try await transport.send(request)) } catch { return .failure(error) }
        }
        switch outcome {
        case .success(let response):
            try expect(response.status >= 0, "the status is \(response.status)")
            _ = RetryAfter.pause(in: response, now: Date(timeIntervalSince1970: 1_767_225_600))
        case .failure(let error):
            let error = error as? TransportError
            try expect(error?.message.isEmpty == false, "an error without a message")
            try expect(error?.message.contains("hunter2pass") == false, "the password is in: \(error?.message ?? "")")
        }
    }
}

/// Reads a request, writes the answer, and closes the connection.
private final class RawServer: Sendable {
    let port: Int
    let answer = Mutex<[UInt8]>([])

    init() {
        guard let (listener, port) = try? LoopbackSocket.listen() else { fatalError("cannot listen") }
        self.port = port
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { continue }
                serve(connection)
                close(connection)
            }
        }
    }

    private func serve(_ connection: CInt) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var request: [UInt8] = []
        while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return }
            request += buffer[..<count]
        }
        let answer = answer.withLock(\.self)
        _ = answer.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }
}
