package import Clocks
import Redaction

/// Retries requests over any transport, so that a short outage is not a failure.
///
/// A request that changes something is retried only if it certainly was not executed; otherwise the caller reconciles.
/// All requests to a host observe the pauses that it requests, and after a failure at most ten a second are sent about
/// one resource.
package final class RetryingTransport: HTTPTransport {
    package let counter: RequestCounter
    private let base: any HTTPTransport
    private let clock: any RunClock
    private let policy: RetryPolicy
    private let jitter: @Sendable () -> Double
    private let notify: @Sendable (TransportNotice) -> Void
    private let health = Locked<[Origin: HostHealth]>([:])
    private let spacing = Locked(RequestSpacing())

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
            // First, because the server may ask for a pause meanwhile.
            try await request.budget?.pay(for: request)
            try await waitOutPause(request, host)
            try await waitOutSpacing(request, host)
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
        let sentAt = clock.now
        let outcome: RetryPolicy.Outcome
        do {
            outcome = .success(try await base.send(request))
        } catch let error as TransportError {
            outcome = .failure(error)
        }
        if outcome.isRateLimit { request.budget?.slowDown() }
        let isTransient = outcome.isTransient(afterContact: request.followsContact)
        if isTransient || !outcome.isGood {
            spacing.withLock { $0.noteFailure(request.spacingKey(host), sentAt: sentAt) }
        }
        update(host) { $0.note(outcome, isTransient: isTransient, at: clock.now) }
        return outcome
    }

    /// After a failure, waits for the next time at which a request about the resource may be sent.
    private func waitOutSpacing(_ request: HTTPRequest, _ host: Origin) async throws {
        let (key, now) = (request.spacingKey(host), clock.now)
        let time: MonotonicInstant? = try spacing.withLock { spacing throws(TransportError) in
            guard let time = spacing.earliest(key, after: now) else { return nil }
            if let deadline = request.deadline, deadline <= time {
                throw TransportError(
                    .rateLimited, "\(host.host): too many failed requests, and the deadline is too close for another",
                    mayHaveBeenProcessed: false, retryAfter: now.duration(to: time))
            }
            spacing.reserve(key, at: now)
            return time
        }
        if let time { try await clock.sleep(until: time) }
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
            hostHasAnswered: health.withLock { $0[host]?.hasAnswered ?? false },
            followsContact: request.followsContact, date: clock.date)
    }

    private func update(_ host: Origin, _ change: (inout HostHealth) -> TransportNotice?) {
        let notice = health.withLock { change(&$0[host, default: HostHealth()]) }
        if let notice { notify(notice) }
    }
}

extension HTTPRequest {
    fileprivate var followsContact: Bool { contact?.isEstablished ?? false }

    fileprivate func spacingKey(_ host: Origin) -> RequestSpacing.Key {
        RequestSpacing.Key(origin: host, resource: resource ?? url)
    }
}
