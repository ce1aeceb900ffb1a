import CLibcurl
package import FoundationEssentials

/// Decides whether and when to retry after a failed attempt (docs/failures.md, rows 1–7, 11, 17 and 18).
package struct RetryPolicy: Sendable {
    package typealias Outcome = Result<HTTPResponse, TransportError>

    /// The facts that the decision depends on.
    package struct Situation: Sendable {
        package var outcome: Outcome
        package var isRepeatable: Bool
        /// The number of failed attempts, including this one.
        package var failures: Int
        /// The time since the first attempt started.
        package var elapsed: Duration
        /// The time until the request's deadline; nil if it has none.
        package var remaining: Duration?
        /// Whether this host has ever responded.
        package var hostHasAnswered: Bool
        /// Whether the API has given a good response before.
        package var followsContact = false
        /// Wall-clock time, for a `Retry-After` date in a response without `Date`.
        package var date: Date
    }

    package enum Decision: Sendable, Equatable {
        /// Do not retry.
        case finish
        case retry(after: Duration)
        /// Retry after the pause, and send no other request to this host before that.
        case pause(Duration)
    }

    package var base: Duration = .milliseconds(500)
    package var cap: Duration = .seconds(15)
    /// Older gateways of the service limit requests per minute.
    package var rateLimitCap: Duration = .seconds(60)
    package var retryAfterCap: Duration = .seconds(120)
    /// The limit for a host that has never responded, which is more likely misspelled than down.
    package var firstResponseTimeout: Duration = .seconds(30)
    package var changeRetries = 4
    /// The limit for a request without a deadline.
    package var timeoutWithoutDeadline: Duration = .seconds(120)

    package init() {}

    /// `jitter` is in 0..<1.
    package func decide(_ situation: Situation, jitter: Double) -> Decision {
        guard shouldRepeat(situation) else { return .finish }
        let remaining = remaining(situation)
        guard remaining >= base else { return .finish }
        if let asked = retryAfter(situation) {
            return asked < remaining ? wait(asked, situation) : .finish
        }
        let cap = situation.outcome.isRateLimit ? rateLimitCap : cap
        // Close to the deadline, shorter waits allow further attempts.
        return wait(min(backoff(failures: situation.failures, cap: cap, jitter: jitter), remaining / 2), situation)
    }

    /// The wait before the next attempt: full jitter, so that clients spread out, but at least a tenth of a second.
    package func backoff(failures: Int, cap: Duration? = nil, jitter: Double) -> Duration {
        let doublings = min(max(failures - 1, 0), 16)
        return max(min(base * (1 << doublings), cap ?? self.cap) * jitter, RequestSpacing.interval)
    }

    private func shouldRepeat(_ situation: Situation) -> Bool {
        guard situation.outcome.isTransient(afterContact: situation.followsContact) else { return false }
        return situation.isRepeatable
            || (situation.outcome.isCertainlyNotExecuted && situation.failures <= changeRetries)
    }

    /// The time left for retries.
    private func remaining(_ situation: Situation) -> Duration {
        let remaining = situation.remaining ?? timeoutWithoutDeadline - situation.elapsed
        guard situation.outcome.isUnreachable, !situation.hostHasAnswered else { return remaining }
        return min(remaining, firstResponseTimeout - situation.elapsed)
    }

    private func retryAfter(_ situation: Situation) -> Duration? {
        guard case .success(let response) = situation.outcome else { return nil }
        return retryAfter(in: response, now: situation.date)
    }

    /// The pause that a response requests, as far as it is observed.
    func retryAfter(in response: HTTPResponse, now: Date) -> Duration? {
        RetryAfter.pause(in: response, now: now).map { min($0, retryAfterCap) }
    }

    private func wait(_ duration: Duration, _ situation: Situation) -> Decision {
        situation.outcome.isRateLimit ? .pause(duration) : .retry(after: duration)
    }
}

extension RetryPolicy.Outcome {
    var isGood: Bool {
        if case .success(let response) = self { 200..<300 ~= response.status } else { false }
    }

    var isRateLimit: Bool {
        if case .success(let response) = self { response.status == 429 } else { false }
    }

    var isUnreachable: Bool {
        guard case .failure(let error) = self else { return false }
        return [.nameNotResolved, .connectionRefused].contains(error.kind)
            || (error.kind == .timeout && !error.mayHaveBeenProcessed)
    }

    /// Whether the request was certainly not executed. A rate limiter rejects requests before the service sees them.
    var isCertainlyNotExecuted: Bool {
        switch self {
        case .success: isRateLimit
        case .failure(let error): !error.mayHaveBeenProcessed
        }
    }

    /// The reason for another attempt, for messages.
    var reason: String {
        switch self {
        case .success(let response): "HTTP \(response.status)"
        case .failure(let error): error.message
        }
    }
}

/// The pause that a `Retry-After` field requests, in seconds or as a date in any of HTTP's three forms.
package enum RetryAfter {
    /// Nil if the field is missing, invalid, zero, negative or in the past.
    ///
    /// A date is compared with the response's `Date` field if there is one, so that clock skew does not matter, else
    /// with `now`.
    package static func pause(in response: HTTPResponse, now: Date) -> Duration? {
        guard let text = response.header("Retry-After") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than a number can have are a long pause, too.
            let seconds = min(Int(text) ?? longestSeconds, longestSeconds)
            return seconds > 0 ? .seconds(seconds) : nil
        }
        guard let date = date(text) else { return nil }
        let reference = response.header("Date").flatMap(self.date) ?? now
        let seconds = date.timeIntervalSince(reference)
        return seconds > 0 ? .seconds(min(seconds, Double(longestSeconds))) : nil
    }

    /// Nil if `text` is not an HTTP date, or one before 1970 or after 2200.
    package static func date(_ text: String) -> Date? {
        let seconds = curl_getdate(text, nil)
        return 0...latestDate ~= seconds ? Date(timeIntervalSince1970: Double(seconds)) : nil
    }

    /// The beginning of 2200, in seconds since 1970: later dates are errors.
    private static let latestDate = 7_258_118_400

    /// A day: above every cap, and small enough to avoid overflow.
    private static let longestSeconds = 86_400
}
