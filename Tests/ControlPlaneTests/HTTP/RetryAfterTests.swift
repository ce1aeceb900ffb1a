import FoundationEssentials
import Testing

@testable import ControlPlane

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
    func `anything else is no date`(text: String) {
        #expect(RetryAfter.date(text) == nil)
    }

    @Test func `seconds are kept within a day`() {
        #expect(pause("0", now: example) == .zero)
        #expect(pause("120", now: example) == .seconds(120))
        #expect(pause(String(Int.max), now: example) == .seconds(86_400))
        #expect(pause("-5", now: example) == nil)
        #expect(pause("99999999999999999999999", now: example) == nil)
    }

    @Test func `row 41: a date counts from the server's own clock when it tells its time`() {
        let wrongClock = Date(timeIntervalSince1970: 0)
        let later = "Sun, 06 Nov 1994 08:50:07 GMT"
        #expect(pause(later, date: "Sun, 06 Nov 1994 08:49:37 GMT", now: wrongClock) == .seconds(30))
        #expect(pause(later, now: example) == .seconds(30))
        #expect(pause(later, now: example.addingTimeInterval(30)) == nil)
    }
}
