import CLibcurl
package import FoundationEssentials

/// Decides, from what is known after a failed attempt, whether and when there is another one (docs/failures.md,
/// rows 1–7, 11, 17 and 18).
package struct RetryPolicy: Sendable {
    package typealias Outcome = Result<HTTPResponse, TransportError>

    /// What is known after an attempt.
    package struct Situation: Sendable {
        package var outcome: Outcome
        package var isRepeatable: Bool
        /// Attempts that failed so far, this one included.
        package var failures: Int
        /// Since the first attempt began.
        package var elapsed: Duration
        /// Until the request's deadline; nil without one.
        package var remaining: Duration?
        /// Whether this host has ever answered anything.
        package var hostHasAnswered: Bool
        /// The wall clock, for a `Retry-After` date in an answer without `Date`.
        package var date: Date
    }

    package enum Decision: Sendable, Equatable {
        /// The outcome stands.
        case finish
        case retry(after: Duration)
        /// As `retry`, and no other request to this host may go out before either.
        case pause(Duration)
    }

    package var base: Duration = .milliseconds(500)
    package var cap: Duration = .seconds(15)
    /// Older gateways of the service count requests in windows of a minute.
    package var rateLimitCap: Duration = .seconds(60)
    package var retryAfterCap: Duration = .seconds(120)
    /// A host that never answered and cannot be reached is more likely misspelt than down.
    package var firstContact: Duration = .seconds(30)
    package var retriesOfChange = 4
    /// How long to go on without a deadline.
    package var patience: Duration = .seconds(120)

    package init() {}

    /// `jitter` is in 0..<1.
    package func decide(_ situation: Situation, jitter: Double) -> Decision {
        guard isWorthRepeating(situation) else { return .finish }
        let remaining = remaining(situation)
        guard remaining >= base else { return .finish }
        if let asked = retryAfter(situation) {
            return asked < remaining ? wait(asked, situation) : .finish
        }
        let cap = situation.outcome.isRateLimit ? rateLimitCap : cap
        // The last attempts before a deadline come closer together instead of not at all.
        return wait(min(backoff(failures: situation.failures, cap: cap, jitter: jitter), remaining / 2), situation)
    }

    /// Full jitter: anything up to the doubled base, so that many clients spread out, but never next to nothing.
    package func backoff(failures: Int, cap: Duration? = nil, jitter: Double) -> Duration {
        let doublings = min(max(failures - 1, 0), 16)
        return max(min(base * (1 << doublings), cap ?? self.cap) * jitter, base / 10)
    }

    private func isWorthRepeating(_ situation: Situation) -> Bool {
        guard situation.outcome.isTransient else { return false }
        return situation.isRepeatable
            || (situation.outcome.isProvablyNotExecuted && situation.failures <= retriesOfChange)
    }

    /// The last attempt at a first contact begins before its time is over.
    private func remaining(_ situation: Situation) -> Duration {
        let remaining = situation.remaining ?? patience - situation.elapsed
        guard situation.outcome.isUnreachable, !situation.hostHasAnswered else { return remaining }
        return min(remaining, firstContact - situation.elapsed)
    }

    private func retryAfter(_ situation: Situation) -> Duration? {
        guard case .success(let response) = situation.outcome else { return nil }
        return RetryAfter.pause(in: response, now: situation.date).map { min($0, retryAfterCap) }
    }

    private func wait(_ duration: Duration, _ situation: Situation) -> Decision {
        situation.outcome.isRateLimit ? .pause(duration) : .retry(after: duration)
    }
}

extension RetryPolicy.Outcome {
    /// Whether the same request may fare better later.
    var isTransient: Bool {
        switch self {
        case .success(let response):
            [408, 425, 429].contains(response.status) || (response.status >= 500 && response.status != 501)
        case .failure(let error):
            switch error.kind {
            case .untrustedCertificate, .proxy, .crossOriginRedirect, .redirectLoop, .rateLimited, .invalidRequest:
                false
            case .nameNotResolved, .connectionRefused, .tlsHandshake, .timeout, .connectionLost, .bodyTruncated,
                .bodyTooLarge, .other:
                true
            }
        }
    }

    var isRateLimit: Bool {
        if case .success(let response) = self { response.status == 429 } else { false }
    }

    var isUnreachable: Bool {
        guard case .failure(let error) = self else { return false }
        return [.nameNotResolved, .connectionRefused].contains(error.kind)
            || (error.kind == .timeout && !error.mayHaveBeenProcessed)
    }

    /// A rate limiter stands in front of the service, so that what it refuses was never begun.
    var isProvablyNotExecuted: Bool {
        switch self {
        case .success: isRateLimit
        case .failure(let error): !error.mayHaveBeenProcessed
        }
    }

    /// For people: why another attempt is needed.
    var reason: String {
        switch self {
        case .success(let response): "HTTP \(response.status)"
        case .failure(let error): error.message
        }
    }
}

/// What a `Retry-After` field asks for: seconds, or a date in any of HTTP's three forms.
package enum RetryAfter {
    /// Nil when the field is absent, unreadable, negative or in the past: then the sender chooses.
    ///
    /// A date is measured against the answer's own `Date` field when it has one, so that a wrong clock on either side
    /// does not matter, else against `now`.
    package static func pause(in response: HTTPResponse, now: Date) -> Duration? {
        guard let text = response.header("Retry-After") else { return nil }
        if let seconds = Int(text) {
            return seconds >= 0 ? .seconds(min(seconds, longestSeconds)) : nil
        }
        guard let date = date(text) else { return nil }
        let reference = response.header("Date").flatMap(self.date) ?? now
        let seconds = date.timeIntervalSince(reference)
        return seconds > 0 ? .seconds(min(seconds, Double(longestSeconds))) : nil
    }

    /// Nil when `text` is no HTTP date.
    package static func date(_ text: String) -> Date? {
        let seconds = curl_getdate(text, nil)
        return seconds == -1 ? nil : Date(timeIntervalSince1970: Double(seconds))
    }

    /// A day: far beyond every cap, and small enough for any arithmetic.
    private static let longestSeconds = 86_400
}
