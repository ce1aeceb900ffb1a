// The benchmarks use this target too; they are built without the testing library and use no stubs.
#if canImport(Testing)
    package import ControlPlane
    import FoundationEssentials
    package import Testing

    /// A transport with scripted replies; a request without a reply fails the test, and so does an unused reply.
    package final class StubTransport: HTTPTransport {
        private struct Stub {
            var method: HTTPRequest.Method
            var path: String
            /// Used in order.
            var replies: [StubReply]
            var isEndless = false
            var isDue = true

            func matches(_ request: HTTPRequest) -> Bool {
                guard isDue || isEndless, method == request.method else { return false }
                let target = StubTransport.target(ofURL: request.url)
                return path == (path.contains("?") ? target[...] : target.prefix { $0 != "?" })
            }

            mutating func next() -> StubReply? {
                let reply = isEndless ? replies.first : replies.removeFirst()
                isDue = !isEndless && !replies.isEmpty
                return reply
            }
        }

        private struct State {
            var stubs: [Stub] = []
            var requests: [HTTPRequest] = []
        }

        private let state = Locked(State())

        package init() {}

        /// All requests, in order.
        package var requests: [HTTPRequest] { state.withLock { $0.requests } }

        /// Adds one reply for each of the next requests; `path` is compared with its query if it has one.
        package func on(_ method: HTTPRequest.Method, _ path: String, _ first: StubReply, _ more: StubReply...) {
            state.withLock { $0.stubs.append(Stub(method: method, path: path, replies: [first] + more)) }
        }

        /// Adds a reply to any number of requests, but at least one.
        package func onEvery(_ method: HTTPRequest.Method, _ path: String, _ reply: StubReply) {
            state.withLock { $0.stubs.append(Stub(method: method, path: path, replies: [reply], isEndless: true)) }
        }

        package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            switch take(request) {
            case .answer(let response):
                return response
            case .failure(let error):
                throw error
            case .silence:
                try await Self.waitForCancellation()
            case nil:
                Issue.record("no stub for \(request.method.rawValue) \(request.url)")
            }
            throw TransportError(.other, "no stub", mayHaveBeenProcessed: false)
        }

        /// Replies that were not used, as `GET /path`.
        package var unused: [String] {
            state.withLock { $0.stubs.filter(\.isDue).map { "\($0.method.rawValue) \($0.path)" } }
        }

        /// Fails the test for each unused reply; call it last.
        package func expectAllUsed(sourceLocation: SourceLocation = #_sourceLocation) {
            for stub in unused { Issue.record("unused reply: \(stub)", sourceLocation: sourceLocation) }
        }

        private func take(_ request: HTTPRequest) -> StubReply? {
            state.withLock { state in
                state.requests.append(request)
                guard let index = state.stubs.firstIndex(where: { $0.matches(request) }) else { return nil }
                return state.stubs[index].next()
            }
        }

        private static func waitForCancellation() async throws {
            let (stream, continuation) = AsyncStream<Never>.makeStream()
            for await _ in stream {}
            continuation.finish()
            try Task.checkCancellation()
        }

        /// Path and query of an absolute URL.
        private static func target(ofURL url: String) -> String {
            guard let scheme = url.firstRange(of: "://") else { return url }
            let rest = url[scheme.upperBound...]
            return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        }
    }

    /// The reaction of a `StubTransport` to one request.
    package enum StubReply: Sendable {
        case answer(HTTPResponse)
        case failure(TransportError)
        /// No answer until the task is cancelled.
        case silence

        package static func json(_ text: String, status: Int = 200) -> StubReply {
            .answer(
                HTTPResponse(
                    status: status, headers: [HTTPHeader("Content-Type", "application/json")], body: Data(text.utf8)))
        }

        package static func status(_ status: Int, headers: [HTTPHeader] = [], body: String = "") -> StubReply {
            .answer(HTTPResponse(status: status, headers: headers, body: Data(body.utf8)))
        }

        /// A failure with its kind as the message.
        package static func fails(_ kind: TransportError.Kind, mayHaveBeenProcessed: Bool = true) -> StubReply {
            .failure(TransportError(kind, kind.rawValue, mayHaveBeenProcessed: mayHaveBeenProcessed))
        }
    }
#endif
