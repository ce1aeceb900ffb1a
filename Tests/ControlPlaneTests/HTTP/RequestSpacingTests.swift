import Clocks
import FoundationEssentials
import Redaction
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct RequestSpacingTests {
    let clock = VirtualClock(automatic: true)
    let stub = StubTransport()

    private func transport() -> RetryingTransport {
        RetryingTransport(stub, clock: clock, jitter: { 0 }, notify: { _ in })
    }

    private func request(_ path: String, within time: Duration = .seconds(10)) -> HTTPRequest {
        var request = HTTPRequest(.get, "https://plane.test" + path, deadline: clock.now.advanced(by: time))
        request.resource = "d1"
        return request
    }

    @Test(arguments: [429, 503])
    func `a server that asks to retry at once gets at most ten requests a second`(status: Int) async throws {
        stub.onEvery(.get, "/a", .status(status, headers: [HTTPHeader("Retry-After", "0")]))
        let transport = transport()
        while clock.now.sinceStart < .seconds(9) {
            // A watch whose reads give up at once polls again.
            _ = try? await transport.send(request("/a", within: .seconds(1)))
        }
        #expect(stub.requests.count <= 100)
        #expect(stub.requests.count > 10)
    }

    @Test func `requests about one resource that fail at once share ten requests a second`() async throws {
        for path in ["/a", "/b", "/c"] { stub.onEvery(.get, path, .status(404)) }
        let transport = transport()
        for _ in 0..<10 {
            for path in ["/a", "/b", "/c"] { _ = try await transport.send(request(path)) }
        }
        #expect(clock.now.sinceStart == .milliseconds(2900))
    }

    @Test func `good responses cost no time, and other resources do not wait`() async throws {
        stub.onEvery(.get, "/a", .json("{}"))
        stub.onEvery(.get, "/b", .status(404))
        let transport = transport()
        for _ in 0..<50 { _ = try await transport.send(request("/a")) }
        _ = try await transport.send(request("/b"))
        var other = request("/a")
        other.resource = "d2"
        _ = try await transport.send(other)
        #expect(clock.now.sinceStart == .zero)
        _ = try await transport.send(request("/a"))
        #expect(clock.now.sinceStart == .milliseconds(100))
    }

    @Test func `a request that would have to wait past its deadline is not sent`() async throws {
        stub.on(.get, "/a", .status(404))
        let transport = transport()
        _ = try await transport.send(request("/a"))
        let error = await #expect(throws: TransportError.self) {
            try await transport.send(request("/a", within: .milliseconds(80)))
        }
        #expect(error?.kind == .rateLimited)
        #expect(error?.mayHaveBeenProcessed == false)
        #expect(clock.now.sinceStart == .zero)
    }

    @Test func `concurrent requests after a failure get a time of their own`() {
        var spacing = RequestSpacing()
        let key = RequestSpacing.Key(origin: Origin(ofURL: "https://plane.test")!, resource: "d1")
        let now = MonotonicInstant(sinceStart: .seconds(1))
        #expect(spacing.earliest(key, after: now) == nil)
        spacing.noteFailure(key, sentAt: now)
        let times = (0..<3).map { _ in
            defer { spacing.reserve(key, at: now) }
            return spacing.earliest(key, after: now)?.sinceStart
        }
        #expect(times == [1100, 1200, 1300].map { .milliseconds($0) })
        #expect(spacing.earliest(key, after: now.advanced(by: .seconds(1))) == nil)
    }
}
