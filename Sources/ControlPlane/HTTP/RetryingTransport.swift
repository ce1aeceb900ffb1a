package import Clocks

/// Retries requests over any transport, so that a short outage is not a failure.
///
/// A request that changes something is retried only if it certainly was not executed; otherwise the caller reconciles.
/// All requests to a host observe the pauses that it requests.
package final class RetryingTransport: HTTPTransport {
    package let counter: RequestCounter
    private let base: any HTTPTransport
    private let clock: any RunClock
    private let policy: RetryPolicy
    private let jitter: @Sendable () -> Double
    private let notify: @Sendable (TransportNotice) -> Void
    private let health = Locked<[Origin: HostHealth]>([:])

    /// `jitter` returns a number in 0..<1.
    package init(
        _ base: any HTTPTransport, clock: any RunClock, policy: RetryPolicy = RetryPolicy(),
        counter: RequestCounter = RequestCounter(), jitter: @escaping @Sendable () -> Double,
        notify: @escaping @Sendable (TransportNotice) -> Void
    ) {
        self.base = base
        self.clock = clock
        self.policy = policy
        self.counter = counter
        self.jitter = jitter
        self.notify = notify
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let host = try host(of: request)
        let start = clock.now
        var failures = 0
        while true {
            try await waitOutPause(request, host)
            let outcome = try await attempt(limited(request, host, since: start), host, isRetry: failures > 0)
            failures += 1
            let situation = situation(after: outcome, of: request, host, failures: failures, start: start)
            switch request.retries.allow(request) ? policy.decide(situation, jitter: jitter()) : .finish {
            case .finish:
                observePause(outcome, of: request, host)
                return try outcome.get()
            case .retry(let delay):
                update(host) { $0.beginOutage("\(request.endpoint): \(outcome.reason)", at: clock.now) }
                try await clock.sleep(for: delay)
            case .pause(let delay):
                update(host) { $0.pause(delay, at: clock.now) }
            }
        }
    }

    private func host(of request: HTTPRequest) throws(TransportError) -> Origin {
        if let origin = request.origin { return origin }
        throw TransportError(.invalidRequest, "not an http or https URL", mayHaveBeenProcessed: false)
    }

    /// Limits the connection to a host that has never responded to the time left of `firstResponseTimeout`.
    private func limited(_ request: HTTPRequest, _ host: Origin, since start: MonotonicInstant) -> HTTPRequest {
        guard health.withLock({ $0[host]?.hasAnswered }) != true else { return request }
        var limited = request
        let left = policy.firstResponseTimeout - start.duration(to: clock.now)
        limited.limits.connect = min(request.limits.connect, max(left, .seconds(1)))
        return limited
    }

    /// Throws only `CancellationError`, which is not an outcome.
    private func attempt(
        _ request: HTTPRequest, _ host: Origin, isRetry: Bool
    ) async throws -> RetryPolicy.Outcome {
        counter.count(request.endpoint, isRetry: isRetry)
        let outcome: RetryPolicy.Outcome
        do {
            outcome = .success(try await base.send(request))
        } catch let error as TransportError {
            outcome = .failure(error)
        }
        update(host) { $0.note(outcome, at: clock.now) }
        return outcome
    }

    /// The requests that follow a change wait as long as its response asks; those of a read that must not delay
    /// anything do not.
    private func observePause(_ outcome: RetryPolicy.Outcome, of request: HTTPRequest, _ host: Origin) {
        guard request.retries != .none, outcome.isRateLimit, case .success(let response) = outcome,
            let pause = policy.retryAfter(in: response, now: clock.date)
        else { return }
        update(host) { $0.pause(pause, at: clock.now) }
    }

    /// Waits for the pause and up to a tenth more, so that requests do not all resume at once. A request that may not
    /// be retried fails instead: what it was decided on would be old after the pause.
    private func waitOutPause(_ request: HTTPRequest, _ host: Origin) async throws {
        while let end = health.withLock({ $0[host]?.pausedUntil }), clock.now < end {
            let isBeyondDeadline = request.deadline.map { $0 <= end } ?? false
            if isBeyondDeadline || !request.retries.allow(request) {
                let left = clock.now.duration(to: end)
                throw TransportError(
                    .rateLimited,
                    "\(host.host): rate limited for \(left.brief)" + (isBeyondDeadline ? ", beyond the deadline" : ""),
                    mayHaveBeenProcessed: false, retryAfter: left)
            }
            let extra = clock.now.duration(to: end) * (jitter() / 10)
            try await clock.sleep(until: end.advanced(by: extra))
        }
    }

    private func situation(
        after outcome: RetryPolicy.Outcome, of request: HTTPRequest, _ host: Origin, failures: Int,
        start: MonotonicInstant
    ) -> RetryPolicy.Situation {
        let now = clock.now
        return RetryPolicy.Situation(
            outcome: outcome, isRepeatable: request.isRepeatable, failures: failures,
            elapsed: start.duration(to: now), remaining: request.deadline.map { now.duration(to: $0) },
            hostHasAnswered: health.withLock { $0[host]?.hasAnswered ?? false }, date: clock.date)
    }

    private func update(_ host: Origin, _ change: (inout HostHealth) -> TransportNotice?) {
        let notice = health.withLock { change(&$0[host, default: HostHealth()]) }
        if let notice { notify(notice) }
    }
}

/// The state of a host, shared by all requests to it.
private struct HostHealth: Sendable {
    private(set) var hasAnswered = false
    /// No request is sent before this.
    private(set) var pausedUntil: MonotonicInstant?
    private var outageBegan: MonotonicInstant?

    mutating func note(_ outcome: RetryPolicy.Outcome, at now: MonotonicInstant) -> TransportNotice? {
        guard case .success = outcome else { return nil }
        hasAnswered = true
        guard !outcome.isTransient, let began = outageBegan else { return nil }
        outageBegan = nil
        return .recovered(after: began.duration(to: now))
    }

    /// Returns nil if this outage is already known.
    mutating func beginOutage(_ reason: String, at now: MonotonicInstant) -> TransportNotice? {
        guard outageBegan == nil else { return nil }
        outageBegan = now
        return .outageBegan(reason)
    }

    /// Extends the pause; returns nil if one is already in effect.
    mutating func pause(_ duration: Duration, at now: MonotonicInstant) -> TransportNotice? {
        let isNews = (pausedUntil ?? now) <= now
        pausedUntil = max(pausedUntil ?? now, now.advanced(by: duration))
        return isNews ? .rateLimited(for: duration) : nil
    }
}

/// Counts the attempts that were sent; may be read at any time.
package final class RequestCounter: Sendable {
    package struct Counts: Sendable, Equatable {
        package var total = 0
        /// How many of `total` were retries.
        package var retries = 0
        /// By the requests' `endpoint`, such as `GET /v2/deployments/{id}`.
        package var byEndpoint: [String: Int] = [:]
    }

    private let state = Locked(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    func count(_ endpoint: String, isRetry: Bool) {
        state.withLock { counts in
            counts.total += 1
            counts.retries += isRetry ? 1 : 0
            counts.byEndpoint[endpoint, default: 0] += 1
        }
    }
}

/// A change in the connection to the server, for progress output.
package enum TransportNotice: Sendable, Equatable {
    /// The first of consecutive failures; retries continue.
    case outageBegan(String)
    /// The first good response after an outage of this length.
    case recovered(after: Duration)
    /// The server requested a pause, which applies to all requests to it.
    case rateLimited(for: Duration)
}
