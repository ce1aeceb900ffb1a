import NIOHTTP1

extension HTTPHeaders {
    /// Without the headers that speak of one connection only (RFC 9110, 7.6.1), except those that frame the body.
    fileprivate var endToEnd: HTTPHeaders {
        let named = self[canonicalForm: "Connection"].map(String.init)
        var headers = self
        for name in named + ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade"]
        where !["content-length", "transfer-encoding"].contains(name.lowercased()) {
            headers.remove(name: name)
        }
        return headers
    }
}

extension HTTPRequestHead {
    /// A connection serves one request, so that none is tied to a revision that is about to go.
    var toUpstream: HTTPRequestHead {
        var head = self
        head.version = .http1_1
        head.headers = headers.endToEnd
        head.headers.add(name: "Connection", value: "close")
        return head
    }
}

extension HTTPResponseHead {
    func toClient(of request: HTTPRequestHead, keepAlive: Bool) -> HTTPResponseHead {
        var head = self
        head.version = .http1_1
        head.headers = headers.endToEnd
        var keepAlive = keepAlive
        let hasBody = request.method != .HEAD && status.mayHaveResponseBody
        if !hasBody || !headers.contains(name: "Content-Length") {
            head.headers.remove(name: "Transfer-Encoding")
        }
        if hasBody, !headers.contains(name: "Content-Length") {
            // Chunks for who knows them, whatever the upstream uses; else the end of the connection ends the answer.
            if request.version == .http1_1 {
                head.headers.add(name: "Transfer-Encoding", value: "chunked")
            } else {
                keepAlive = false
            }
        }
        if !keepAlive { head.headers.add(name: "Connection", value: "close") }
        return head
    }
}
