import Clocks
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct RetryingTransportTests {
    let clock = VirtualClock(automatic: true)
    let stub = StubTransport()
    let notices = Locked<[TransportNotice]>([])

    /// `jitter` at its upper end makes waits as long as they get.
    private func transport(clock: VirtualClock? = nil, jitter: Double = 1) -> RetryingTransport {
        RetryingTransport(
            stub, clock: clock ?? self.clock, jitter: { jitter },
            notify: { [notices] notice in notices.withLock { $0.append(notice) } })
    }

    private func request(_ method: HTTPRequest.Method = .get, within time: Duration = .seconds(600)) -> HTTPRequest {
        var request = HTTPRequest(
            method, "https://plane.test/a", deadline: clock.now.advanced(by: time))
        request.endpoint = "\(method.rawValue) /a"
        return request
    }

    @Test func `row 7: a read is retried until there is a response, with one notice`() async throws {
        stub.on(.get, "/a", .status(503), .fails(.connectionLost), .status(502), .json("{}"))
        let transport = transport()
        let response = try await transport.send(request())
        #expect(response.status == 200)
        #expect(clock.now.sinceStart == .milliseconds(3500))
        #expect(
            notices.withLock { $0 } == [.outageBegan("GET /a: HTTP 503"), .recovered(after: .seconds(3.5))])
        #expect(
            transport.counter.counts == RequestCounter.Counts(total: 4, retries: 3, byEndpoint: ["GET /a": 4]))
        stub.expectAllUsed()
    }

    @Test func `row 7: the last response is returned at the deadline`() async throws {
        stub.onEvery(.get, "/a", .status(500))
        let response = try await transport().send(request(within: .seconds(60)))
        #expect(response.status == 500)
        #expect(clock.now.sinceStart < .seconds(60))
        #expect(clock.now.sinceStart > .seconds(59))
    }

    @Test func `row 1: a request ends after half a minute if the host has never responded`() async throws {
        stub.onEvery(.get, "/a", .fails(.nameNotResolved, mayHaveBeenProcessed: false))
        let error = await #expect(throws: TransportError.self) { try await transport().send(request()) }
        #expect(error?.kind == .nameNotResolved)
        #expect(29...30 ~= clock.now.sinceStart.seconds)
    }

    @Test func `row 1: connecting to a new host takes at most half a minute in total`() async throws {
        stub.onEvery(.get, "/a", .fails(.timeout, mayHaveBeenProcessed: false))
        await #expect(throws: TransportError.self) { try await transport().send(request()) }
        let limits = stub.requests.map(\.limits.connect)
        #expect(limits.first == .seconds(10))
        #expect(limits.last.map { $0 < .seconds(3) } == true)
    }

    @Test func `row 1: a host that has responded before is retried until the deadline`() async throws {
        stub.on(.get, "/a", .json("{}"))
        stub.onEvery(.get, "/a", .fails(.nameNotResolved, mayHaveBeenProcessed: false))
        let transport = transport()
        _ = try await transport.send(request())
        await #expect(throws: TransportError.self) { try await transport.send(request(within: .seconds(300))) }
        #expect(clock.now.sinceStart > .seconds(299))
    }

    @Test(arguments: [TransportError.Kind.untrustedCertificate, .proxy, .crossOriginRedirect])
    func `rows 3, 4 and 54: a permanent failure is not retried`(kind: TransportError.Kind) async throws {
        stub.on(.get, "/a", .fails(kind))
        await #expect(throws: TransportError.self) { try await transport().send(request()) }
        #expect(stub.requests.count == 1)
        #expect(notices.withLock { $0 }.isEmpty)
    }

    @Test func `rows 8 and 9: a change is not retried if it may have been executed`() async throws {
        stub.on(.post, "/a", .fails(.connectionLost), .status(504))
        let transport = transport()
        await #expect(throws: TransportError.self) { try await transport.send(request(.post)) }
        #expect(try await transport.send(request(.post)).status == 504)
        #expect(stub.requests.count == 2)
    }

    @Test func `row 2: a change that never arrived is sent at most five times`() async throws {
        stub.onEvery(.patch, "/a", .fails(.connectionRefused, mayHaveBeenProcessed: false))
        await #expect(throws: TransportError.self) { try await transport().send(request(.patch)) }
        #expect(stub.requests.count == 5)
    }

    @Test func `row 5: a requested pause is observed, plus up to a tenth`() async throws {
        stub.on(.post, "/a", .status(429, headers: [HTTPHeader("Retry-After", "20")]), .json("{}"))
        _ = try await transport(jitter: 0.5).send(request(.post))
        #expect(clock.now.sinceStart == .seconds(21))
        #expect(notices.withLock { $0 } == [.rateLimited(for: .seconds(20))])
    }

    @Test func `row 5: a pause applies to all requests to its host only`() async throws {
        let clock = VirtualClock()
        stub.on(.get, "/a", .status(429, headers: [HTTPHeader("Retry-After", "20")]), .json("{}"))
        stub.on(.get, "/b", .json("{}"))
        stub.on(.get, "/c", .json("{}"))
        let transport = transport(clock: clock, jitter: 0)
        async let first = transport.send(HTTPRequest(.get, "https://plane.test/a"))
        await clock.sleepers(1)
        async let second = transport.send(HTTPRequest(.get, "https://plane.test/b"))
        await clock.sleepers(2)
        _ = try await transport.send(HTTPRequest(.get, "https://elsewhere.test/c"))
        #expect(stub.requests.map(\.url) == ["https://plane.test/a", "https://elsewhere.test/c"])
        clock.advance(by: .seconds(20))
        _ = try await (first, second)
        #expect(stub.requests.count == 4)
        #expect(notices.withLock { $0 } == [.rateLimited(for: .seconds(20))])
    }

    @Test func `row 5: a shorter pause does not end a longer one`() {
        var health = HostHealth()
        #expect(health.pause(.seconds(20), at: clock.now) == .rateLimited(for: .seconds(20)))
        #expect(health.pause(.seconds(3), at: clock.now) == nil)
        #expect(health.pausedUntil == clock.now.advanced(by: .seconds(20)))
    }

    @Test func `row 5: a request with a deadline during a pause ends immediately`() async throws {
        let clock = VirtualClock()
        stub.on(.get, "/a", .status(429, headers: [HTTPHeader("Retry-After", "20")]), .json("{}"))
        let transport = transport(clock: clock, jitter: 0)
        async let first = transport.send(HTTPRequest(.get, "https://plane.test/a"))
        await clock.sleepers(1)
        let hasty = HTTPRequest(.get, "https://plane.test/b", deadline: clock.now.advanced(by: .seconds(5)))
        let error = await #expect(throws: TransportError.self) { try await transport.send(hasty) }
        #expect(error?.kind == .rateLimited)
        #expect(error?.mayHaveBeenProcessed == false)
        clock.advance(by: .seconds(20))
        _ = try await first
    }

    @Test func `a request without retries is sent once and fails at once during a pause`() async throws {
        var hasty = request()
        hasty.retries = .none
        stub.on(
            .get, "/a", .status(503), .status(429, headers: [HTTPHeader("Retry-After", "20")]), .fails(.connectionLost))
        let transport = transport()
        #expect(try await transport.send(hasty).status == 503)
        #expect(try await transport.send(hasty).status == 429)
        await #expect(throws: TransportError.self) { try await transport.send(hasty) }
        #expect(clock.now.sinceStart < .seconds(1))
        stub.on(.get, "/a", .status(429, headers: [HTTPHeader("Retry-After", "20")]))
        var change = request(.post)
        change.retries = .reads
        stub.on(.post, "/a", .status(429, headers: [HTTPHeader("Retry-After", "20")]))
        #expect(try await transport.send(change).status == 429)
        for refused in [hasty, change] {
            let error = await #expect(throws: TransportError.self) { try await transport.send(refused) }
            #expect(error?.kind == .rateLimited && error?.retryAfter.map { 19...20 ~= $0.seconds } == true)
            #expect(error?.mayHaveBeenProcessed == false)
        }
        #expect(clock.now.sinceStart < .seconds(1))
    }

    @Test func `a change whose caller decides again is sent once, whatever the failure`() async throws {
        stub.on(
            .post, "/a", .fails(.connectionRefused, mayHaveBeenProcessed: false), .status(429), .status(503))
        stub.on(.get, "/a", .status(503), .json("{}"))
        let transport = transport()
        var change = request(.post)
        change.retries = .reads
        await #expect(throws: TransportError.self) { try await transport.send(change) }
        #expect(try await transport.send(change).status == 429)
        #expect(try await transport.send(change).status == 503)
        #expect(clock.now.sinceStart < .seconds(1))
        var read = request()
        read.retries = .reads
        #expect(try await transport.send(read).status == 200)
        stub.expectAllUsed()
    }

    @Test func `an outage that affects two requests is reported once`() async throws {
        let clock = VirtualClock()
        stub.on(.get, "/a", .status(500), .json("{}"))
        stub.on(.get, "/b", .status(500), .json("{}"))
        let transport = transport(clock: clock)
        async let first = transport.send(HTTPRequest(.get, "https://plane.test/a"))
        async let second = transport.send(HTTPRequest(.get, "https://plane.test/b"))
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        _ = try await (first, second)
        #expect(notices.withLock { $0 }.count == 2)
    }

    @Test func `a request that is cancelled while waiting throws CancellationError`() async throws {
        let clock = VirtualClock()
        stub.on(.get, "/a", .status(500))
        let transport = transport(clock: clock)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await transport.send(HTTPRequest(.get, "https://plane.test/a"))
                }
            }
            await clock.sleepers(1)
            group.cancelAll()
        }
    }
}
