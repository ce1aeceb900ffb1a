package import FoundationEssentials

/// RFC 3339 in UTC with milliseconds, the form of every time in journals and reports.
package enum EventTimestamp {
    package static func text(from date: Date) -> String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded(.down))
        let whole = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return whole.formatted(.iso8601).dropLast() + ".\(fraction)Z"
    }

    package static func date(from text: String) -> Date? {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, parts[1].hasSuffix("Z"), let fraction = Double("0." + parts[1].dropLast()),
            let whole = try? Date(parts[0] + "Z", strategy: .iso8601)
        else { return nil }
        return whole.addingTimeInterval(fraction)
    }
}
