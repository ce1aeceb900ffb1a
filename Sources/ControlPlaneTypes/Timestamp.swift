package import FoundationEssentials

/// A time as the API writes it: RFC 3339 with or without a fraction and, from some control planes, without a zone
/// (then UTC). Other text is kept, and has no `date`.
package struct Timestamp: Hashable, Codable, Sendable {
    package let text: String

    package init(text: String) { self.text = text }

    /// UTC with microseconds, as the API writes it.
    package init(_ date: Date) {
        var whole = date.timeIntervalSince1970.rounded(.down)
        var micros = ((date.timeIntervalSince1970 - whole) * 1_000_000).rounded()
        if micros >= 1_000_000 {
            whole += 1
            micros = 0
        }
        let fraction = String(Int(micros) + 1_000_000).dropFirst()
        text = Date(timeIntervalSince1970: whole).formatted(.iso8601).dropLast() + ".\(fraction)Z"
    }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var date: Date? {
        let separator = text.firstIndex { $0 == "T" || $0 == "t" || $0 == " " }
        guard let separator else { return nil }
        var clock = text[text.index(after: separator)...]
        let zoneStart = clock.firstIndex { $0 == "Z" || $0 == "z" || $0 == "+" || $0 == "-" } ?? clock.endIndex
        var zone = String(clock[zoneStart...])
        clock = clock[..<zoneStart]
        if zone.isEmpty || zone == "z" { zone = "Z" }
        var fraction = 0.0
        if let dot = clock.firstIndex(of: ".") {
            let digits = clock[dot...].dropFirst()
            guard digits.allSatisfy({ ("0"..."9").contains($0) }), let parsed = Double("0.\(digits)0") else {
                return nil
            }
            fraction = parsed
            clock = clock[..<dot]
        }
        let whole = "\(text[..<separator])T\(clock)\(zone)"
        return (try? Date(whole, strategy: .iso8601))?.addingTimeInterval(fraction)
    }
}
