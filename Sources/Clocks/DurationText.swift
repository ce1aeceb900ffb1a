/// The text form of durations: `90s`, `20m`, `1.5h`, `1h30m`, `250ms`, or a bare number of seconds.
extension Duration {
    /// The accepted forms, for messages about invalid text.
    package static let spellings = "90s, 20m, 1.5h, 1h30m or a number of seconds"

    /// Nil if `text` is not a duration; units must be in descending order, each at most once.
    package init?(text: String) {
        // Double alone would also accept hexadecimal, exponents and signs.
        let isNumber = text.allSatisfy { ("0"..."9").contains($0) || $0 == "." }
        if isNumber, let seconds = Double(text), seconds <= Self.longestSeconds {
            self = .seconds(seconds)
            return
        }
        guard let milliseconds = Self.milliseconds(in: text[...]) else { return nil }
        self = .milliseconds(milliseconds)
    }

    package var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    package var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    /// A short form for messages: `0.4s`, `12s`, `3m05s`, `1h02m`.
    package var brief: String {
        if self < .zero { return "-" + (.zero - self).brief }
        let tenths = (milliseconds + 50) / 100
        if tenths < 100 { return "\(tenths / 10).\(tenths % 10)s" }
        let whole = (milliseconds + 500) / 1000
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m\(twoDigits(whole % 60))s" }
        return "\(whole / 3600)h\(twoDigits(whole % 3600 / 60))m"
    }

    /// A hundred days: longer than any deploy, and short enough that sums of durations do not overflow.
    private static var longestSeconds: Double { 8_640_000 }

    private static func milliseconds(in text: Substring) -> Int? {
        let units: [(name: String, factor: Int)] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
        var rest = text
        var total = 0.0
        var nextUnit = 0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            let name = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard let amount = Double(digits), amount <= longestSeconds * 1000,
                let unit = units.indices.first(where: { units[$0].name == name }), unit >= nextUnit
            else { return nil }
            total += amount * Double(units[unit].factor)
            nextUnit = unit + 1
            rest = rest.dropFirst(digits.count + name.count)
        }
        return nextUnit > 0 && total <= longestSeconds * 1000 ? Int(total.rounded()) : nil
    }
}

private func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
}
