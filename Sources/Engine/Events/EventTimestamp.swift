package import FoundationEssentials

/// RFC 3339 in UTC with milliseconds, the form of every time in journals and reports.
package enum EventTimestamp {
    package static func text(from date: Date) -> String {
        // To the nearest: a stamp that is read and written again stays what it was.
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        let (seconds, fraction) = milliseconds.floored(by: 1000)
        let whole = Date(timeIntervalSince1970: Double(seconds))
        return whole.formatted(.iso8601).dropLast() + ".\(String(1000 + fraction).dropFirst())Z"
    }

    package static func date(from text: String) -> Date? {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, parts[1].hasSuffix("Z"), let fraction = Double("0." + parts[1].dropLast()),
            let whole = try? Date(parts[0] + "Z", strategy: .iso8601)
        else { return nil }
        return whole.addingTimeInterval(fraction)
    }
}

extension Int64 {
    /// Quotient and remainder, the remainder never negative.
    fileprivate func floored(by divisor: Int64) -> (Int64, Int64) {
        let remainder = (self % divisor + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}
