/// How many rows of a matrix may fail before no other one starts: a number, or a percentage of the rows.
package enum FailureTolerance: Sendable, Hashable {
    case count(Int)
    case percent(Int)

    package static let zero = FailureTolerance.count(0)

    /// `2` or `5%`; nil for anything else.
    package init?(text: String) {
        let isPercentage = text.hasSuffix("%")
        let digits = isPercentage ? text.dropLast() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else {
            return nil
        }
        guard isPercentage else {
            self = .count(number)
            return
        }
        guard number <= 100 else { return nil }
        self = .percent(number)
    }

    /// A percentage is rounded down.
    package func limit(of rows: Int) -> Int {
        switch self {
        case .count(let number): min(number, Matrix.maximumRows)
        case .percent(let number): rows * number / 100
        }
    }

    package var text: String {
        switch self {
        case .count(let number): String(number)
        case .percent(let number): "\(number)%"
        }
    }
}

extension FailureTolerance: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let tolerance = FailureTolerance(text: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "invalid tolerance '\(text)'")
        }
        self = tolerance
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
