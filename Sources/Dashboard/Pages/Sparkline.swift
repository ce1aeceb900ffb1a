import Reports

/// The last verdicts of a deployment as bars, the newest at the right.
struct Sparkline: Sendable {
    private static let shown = 20
    private static let (step, width, height) = (6, 4, 18)

    let verdicts: [String]

    private enum Kind: String, CaseIterable {
        case good, back, bad, other

        init(_ verdict: String) {
            switch verdict {
            case "deployed", "success": self = .good
            case "rolled_back": self = .back
            case "failed", "failure": self = .bad
            // Nobody knows that it failed, as of a run that was cut off.
            default: self = .other
            }
        }

        /// A length besides the colour.
        var height: Int {
            switch self {
            case .good: 8
            case .back: 13
            case .bad: Sparkline.height
            case .other: 4
            }
        }

        var word: String {
            switch self {
            case .good: "deployed"
            case .back: "rolled back"
            case .bad: "failed"
            case .other: "with another or an unknown end"
            }
        }
    }

    /// Nil where there is nothing to show.
    var markup: HTML? {
        let kinds = verdicts.suffix(Self.shown).map(Kind.init)
        guard !kinds.isEmpty else { return nil }
        let start = Self.shown - kinds.count
        let bars = kinds.enumerated().map { index, kind in
            HTML.element(
                "rect",
                [
                    "class": kind.rawValue, "x": String((start + index) * Self.step),
                    "y": String(Self.height - kind.height), "width": String(Self.width), "height": String(kind.height),
                    "rx": "1",
                ])
        }
        return .element(
            "svg",
            [
                "class": "spark", "viewBox": "0 0 \(Self.shown * Self.step) \(Self.height)",
                "width": String(Self.shown * Self.step), "height": String(Self.height), "role": "img",
                "aria-label": Self.label(kinds),
            ], bars)
    }

    private static func label(_ kinds: [Kind]) -> String {
        let counts = Kind.allCases.compactMap { kind -> String? in
            let count = kinds.count { $0 == kind }
            return count > 0 ? "\(count) \(kind.word)" : nil
        }
        return "Last \(kinds.count): " + counts.joined(separator: ", ")
    }
}
