import Clocks
import ControlPlane
import FoundationEssentials
import Glibc

/// One client's connection to a `FaultServer`. One thread reads and writes; others may only interrupt it.
final class FaultConnection: Sendable {
    /// Nil after `close`, because the kernel reuses the number for other connections.
    private let descriptor: Locked<CInt?>
    private let unread = Locked(Data())

    init(_ descriptor: CInt) {
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        self.descriptor = Locked(descriptor)
    }

    func interrupt() {
        descriptor.withLock { if let open = $0 { _ = shutdown(open, CInt(SHUT_RDWR)) } }
    }

    func close() {
        descriptor.withLock { descriptor in
            if let open = descriptor { _ = Glibc.close(open) }
            descriptor = nil
        }
    }

    /// The next request with its whole body; nil when the client disconnected.
    func receive(number: Int) -> ReceivedRequest? {
        var bytes = unread.withLock { $0 }
        while true {
            if bytes.first == Self.tlsHandshake {
                return ReceivedRequest(method: "TLS", target: "", headers: [], body: bytes, connection: number)
            }
            if let (request, rest) = Self.parse(bytes, number: number) {
                unread.withLock { $0 = rest }
                return request
            }
            guard let more = read() else { return nil }
            bytes += more
        }
    }

    /// Returns false when the connection is closed.
    func perform(_ step: FaultReply.Step) -> Bool {
        switch step {
        case .write(let data):
            return write(data)
        case .wait(let duration):
            return !isGone(within: CInt(duration.milliseconds))
        case .hold:
            return !isGone(within: -1)
        case .writeForever(let data):
            while write(data) {}
            return false
        case .reset:
            reset()
            return false
        }
    }

    private var open: CInt { descriptor.withLock { $0 ?? -1 } }

    private func read() -> Data? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(open, &buffer, buffer.count)
        return count > 0 ? Data(buffer.prefix(count)) : nil
    }

    private func write(_ data: Data) -> Bool {
        var rest = [UInt8](data)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(open, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// Waits for the client to close or for `interrupt`; a negative time means without limit.
    private func isGone(within milliseconds: CInt) -> Bool {
        var poller = pollfd(fd: open, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, milliseconds) != 0
    }

    /// With a linger time of zero the kernel drops unsent data and sends RST.
    private func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(open, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// The first byte of a TLS record with a handshake.
    private static let tlsHandshake: UInt8 = 0x16

    private static func parse(_ bytes: Data, number: Int) -> (ReceivedRequest, rest: Data)? {
        guard let end = bytes.firstRange(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        let headers = lines.dropFirst().compactMap { line in
            line.firstIndex(of: ":").map { colon in
                HTTPHeader(String(line[..<colon]), String(line[colon...].dropFirst().drop { $0 == " " }))
            }
        }
        var request = ReceivedRequest(
            method: words.first.map(String.init) ?? "", target: words.dropFirst().first.map(String.init) ?? "",
            headers: headers, body: Data(), connection: number)
        let length = request.header("Content-Length").flatMap(Int.init) ?? 0
        guard bytes.distance(from: end.upperBound, to: bytes.endIndex) >= length else { return nil }
        let bodyEnd = bytes.index(end.upperBound, offsetBy: length)
        request.body = Data(bytes[end.upperBound..<bodyEnd])
        return (request, Data(bytes[bodyEnd...]))
    }
}

/// A listening socket on 127.0.0.1, on a port that the system chooses.
enum LoopbackSocket {
    struct Failure: Error {
        var call: String
        var code: CInt
    }

    static func listen() throws -> (descriptor: CInt, port: Int) {
        let descriptor = try check("socket", socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                try check("bind", bind(descriptor, generic, length))
                try check("listen", Glibc.listen(descriptor, 1024))
                try check("getsockname", getsockname(descriptor, generic, &length))
            }
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    @discardableResult
    private static func check(_ call: String, _ result: CInt) throws -> CInt {
        guard result >= 0 else { throw Failure(call: call, code: errno) }
        return result
    }
}
