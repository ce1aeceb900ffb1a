import CLibcurl
package import FoundationEssentials

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
