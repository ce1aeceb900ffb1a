import FoundationEssentials
import Testing

@testable import ControlPlane

@Suite struct RetryPolicyTests {
    let policy = RetryPolicy()
    /// As large as jitter gets for the numbers here: the upper end of every wait.
    let full = 1.0

    private func situation(
        _ outcome: RetryPolicy.Outcome, _ change: (inout RetryPolicy.Situation) -> Void = { _ in }
    ) -> RetryPolicy.Situation {
        var situation = RetryPolicy.Situation(
            outcome: outcome, isRepeatable: true, failures: 1, elapsed: .zero, remaining: .seconds(1000),
            hostHasAnswered: true, date: Date(timeIntervalSince1970: 0))
        change(&situation)
        return situation
    }

    private func answer(_ status: Int, retryAfter: String? = nil) -> RetryPolicy.Outcome {
        .success(HTTPResponse(status: status, headers: retryAfter.map { [HTTPHeader("retry-after", $0)] } ?? []))
    }

    private func failure(_ kind: TransportError.Kind, mayHaveBeenProcessed: Bool = true) -> RetryPolicy.Outcome {
        .failure(TransportError(kind, "", mayHaveBeenProcessed: mayHaveBeenProcessed))
    }

    private func isRetried(_ situation: RetryPolicy.Situation) -> Bool {
        policy.decide(situation, jitter: full) != .finish
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 520, 599])
    func `rows 5, 6, 7 and 11: a read is retried after a transient status`(status: Int) {
        #expect(isRetried(situation(answer(status))))
    }

    @Test(arguments: [200, 201, 204, 301, 304, 400, 401, 403, 404, 405, 407, 409, 410, 422, 501])
    func `any other status is final`(status: Int) {
        #expect(!isRetried(situation(answer(status))))
    }

    @Test(
        arguments: [
            (TransportError.Kind.nameNotResolved, true), (.connectionRefused, true), (.tlsHandshake, true),
            (.timeout, true), (.connectionLost, true), (.bodyTruncated, true), (.bodyTooLarge, true), (.other, true),
            (.untrustedCertificate, false), (.proxy, false), (.invalidProxy, false), (.crossOriginRedirect, false),
            (.redirectLoop, false), (.notHTTP, false),
            (.rateLimited, false), (.invalidRequest, false),
        ])
    func `rows 1 to 4 and 17: a read is retried after a transient failure`(
        kind: TransportError.Kind, isRetried: Bool
    ) {
        #expect(self.isRetried(situation(failure(kind))) == isRetried)
    }

    @Test func `every kind of failure is in the table above`() {
        #expect(TransportError.Kind.allCases.count == 16)
    }

    @Test(arguments: [408, 425, 500, 502, 503, 504])
    func `rows 8 to 11: a change is not retried after an ambiguous response`(status: Int) {
        #expect(!isRetried(situation(answer(status)) { $0.isRepeatable = false }))
        #expect(!isRetried(situation(answer(status, retryAfter: "1")) { $0.isRepeatable = false }))
    }

    @Test func `rows 1, 2 and 5: a change is retried four times if it certainly was not executed`() {
        let outcomes = [
            answer(429), answer(429, retryAfter: "1"), failure(.nameNotResolved, mayHaveBeenProcessed: false),
            failure(.connectionRefused, mayHaveBeenProcessed: false), failure(.timeout, mayHaveBeenProcessed: false),
        ]
        for outcome in outcomes {
            for failures in 1...6 {
                let situation = situation(outcome) {
                    $0.isRepeatable = false
                    $0.failures = failures
                }
                #expect(isRetried(situation) == (failures <= 4))
            }
        }
        #expect(!isRetried(situation(failure(.connectionLost)) { $0.isRepeatable = false }))
    }

    @Test func `the backoff doubles from half a second to fifteen seconds, with full jitter`() {
        let waits = (1...8).map { policy.backoff(failures: $0, jitter: full) }
        #expect(waits == [0.5, 1, 2, 4, 8, 15, 15, 15].map { .seconds($0) })
        #expect(policy.backoff(failures: 4, jitter: 0.25) == .seconds(1))
        #expect(policy.backoff(failures: 4, jitter: 0) == .milliseconds(100))
        #expect(policy.backoff(failures: Int.max, jitter: full) == .seconds(15))
    }

    @Test(
        arguments: [
            TransportError.Kind.untrustedCertificate, .proxy, .notHTTP, .crossOriginRedirect, .redirectLoop,
        ])
    func `rows 3, 4 and 54: after contact, a read is retried whatever is in between`(kind: TransportError.Kind) {
        #expect(isRetried(situation(failure(kind)) { $0.followsContact = true }))
        let change = situation(failure(kind)) { ($0.followsContact, $0.isRepeatable) = (true, false) }
        #expect(!isRetried(change))
    }

    @Test(arguments: [TransportError.Kind.invalidProxy, .rateLimited, .invalidRequest])
    func `what this process does not send is not retried after contact either`(kind: TransportError.Kind) {
        #expect(!isRetried(situation(failure(kind)) { $0.followsContact = true }))
    }

    @Test(arguments: [200, 401, 403, 404, 405, 407, 409, 418, 422, 501])
    func `row 4: after contact, only a response in the API's own format is final`(status: Int) {
        func isRetried(_ body: String) -> Bool {
            self.isRetried(
                situation(.success(HTTPResponse(status: status, body: Data(body.utf8)))) { $0.followsContact = true })
        }
        for page in ["", "<html>", "Not Found", "null", #""detail""#, "{\"detail\"", "\u{FEFF}<html>"] {
            #expect(isRetried(page) == (status != 200 || !page.hasPrefix("{")), "\(page)")
        }
        #expect(isRetried(#"{"error":"no detail"}"#) == (status != 200))
        #expect(!isRetried(#"{"detail":"Deployment ID d1 not found."}"#))
        #expect(!isRetried(#"{"detail":[{"loc":["body"],"msg":"m"}]}"#))
        #expect(isRetried(" \r\n[]") == (status != 200))
    }

    @Test func `row 6: without Retry-After the pause for a rate limit is at most a minute`() {
        let long = situation(answer(429)) { $0.failures = 9 }
        #expect(policy.decide(long, jitter: full) == .pause(.seconds(60)))
    }

    @Test func `row 5: Retry-After is observed, up to two minutes`() {
        #expect(policy.decide(situation(answer(429, retryAfter: "7")), jitter: full) == .pause(.seconds(7)))
        #expect(policy.decide(situation(answer(503, retryAfter: "7")), jitter: full) == .retry(after: .seconds(7)))
        #expect(policy.decide(situation(answer(429, retryAfter: "3600")), jitter: full) == .pause(.seconds(120)))
        let date = "Thu, 01 Jan 1970 00:00:09 GMT"
        #expect(policy.decide(situation(answer(429, retryAfter: date)), jitter: full) == .pause(.seconds(9)))
    }

    @Test(
        arguments: [
            "0", "-1", "Wed, 31 Dec 1969 23:59:00 GMT", "soon", "", "NaN", "infinity", "1e30", "-1e30", "+5", "0x7F",
            "１",
            "-99999999999999999999", "Fri, 31 Dec 999999999 23:59:00 GMT",
        ])
    func `row 5: a Retry-After that is zero, negative, past or invalid means the usual backoff`(text: String) {
        let situation = situation(answer(429, retryAfter: text)) { $0.failures = 2 }
        #expect(policy.decide(situation, jitter: full) == .pause(.seconds(1)))
    }

    @Test func `row 5: a pause that ends after the deadline is not started`() {
        let situation = situation(answer(429, retryAfter: "7")) { $0.remaining = .seconds(7) }
        #expect(policy.decide(situation, jitter: full) == .finish)
    }

    @Test func `close to a deadline the backoff shortens, then retries end`() {
        let near = situation(answer(503)) {
            $0.failures = 9
            $0.remaining = .seconds(4)
        }
        #expect(policy.decide(near, jitter: full) == .retry(after: .seconds(2)))
        for remaining in [Duration.milliseconds(499), .zero, .seconds(-3)] {
            #expect(!isRetried(situation(answer(503)) { $0.remaining = remaining }))
        }
    }

    @Test func `without a deadline retries end after two minutes`() {
        #expect(
            isRetried(
                situation(answer(503)) {
                    $0.remaining = nil
                    $0.elapsed = .seconds(119)
                }))
        #expect(
            !isRetried(
                situation(answer(503)) {
                    $0.remaining = nil
                    $0.elapsed = .seconds(120)
                }))
    }

    @Test(arguments: [TransportError.Kind.nameNotResolved, .connectionRefused, .timeout])
    func `row 1: retries end after half a minute if the host has never responded`(kind: TransportError.Kind) {
        func situation(after elapsed: Duration, hasAnswered: Bool) -> RetryPolicy.Situation {
            self.situation(failure(kind, mayHaveBeenProcessed: false)) {
                $0.elapsed = elapsed
                $0.hostHasAnswered = hasAnswered
            }
        }
        #expect(isRetried(situation(after: .seconds(29), hasAnswered: false)))
        #expect(!isRetried(situation(after: .milliseconds(29_600), hasAnswered: false)))
        let late = self.situation(failure(kind, mayHaveBeenProcessed: false)) {
            ($0.elapsed, $0.failures, $0.hostHasAnswered) = (.seconds(28), 9, false)
        }
        #expect(policy.decide(late, jitter: full) == .retry(after: .seconds(1)))
        #expect(isRetried(situation(after: .seconds(300), hasAnswered: true)))
    }
}

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    let example = Date(timeIntervalSince1970: 784_111_777)

    private func pause(_ text: String, date: String? = nil, now: Date) -> Duration? {
        var headers = [HTTPHeader("Retry-After", text)]
        if let date { headers.append(HTTPHeader("Date", date)) }
        return RetryAfter.pause(in: HTTPResponse(status: 429, headers: headers), now: now)
    }

    @Test(
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ])
    func `all three forms of an HTTP date are read`(text: String) {
        #expect(RetryAfter.date(text) == example)
    }

    @Test(arguments: ["", "tomorrow", "Sun, 99 Nov 1994 08:49:37 GMT", "1e3", "\u{0}", "06/11/1994"])
    func `other text is not a date`(text: String) {
        #expect(RetryAfter.date(text) == nil)
    }

    @Test func `seconds are limited to a day`() {
        #expect(pause("0", now: example) == nil)
        #expect(pause("000", now: example) == nil)
        #expect(pause("120", now: example) == .seconds(120))
        #expect(pause(String(Int.max), now: example) == .seconds(86_400))
        #expect(pause("-5", now: example) == nil)
        #expect(pause("99999999999999999999999", now: example) == .seconds(86_400))
    }

    @Test func `row 41: a date is compared with the server's clock if the response has a date`() {
        let wrongClock = Date(timeIntervalSince1970: 0)
        let later = "Sun, 06 Nov 1994 08:50:07 GMT"
        #expect(pause(later, date: "Sun, 06 Nov 1994 08:49:37 GMT", now: wrongClock) == .seconds(30))
        #expect(pause(later, now: example) == .seconds(30))
        #expect(pause(later, now: example.addingTimeInterval(30)) == nil)
    }
}
