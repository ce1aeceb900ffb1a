import Glibc

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
