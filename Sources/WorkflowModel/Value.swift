import FoundationEssentials

/// A value of an expression, an input or an output.
package enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    /// A whole number of up to 38 digits that a `Double` would round, in decimal digits.
    case digits(String)
    case string(String)
    case list([Value])
    case object([String: Value])
    /// A value of an interrupted run that its journal does not have, because it contained a secret; expressions cannot use it.
    case withheld

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    package var list: [Value]? {
        if case .list(let values) = self { values } else { nil }
    }

    /// For messages.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number, .digits: "a number"
        case .string: "a text"
        case .list: "a list"
        case .object: "an object"
        case .withheld: "a withheld value"
        }
    }

    /// The value as a condition: null, false, zero, the empty string and the empty list are false.
    package var isTruthy: Bool {
        switch self {
        case .null, .withheld: false
        case .bool(let flag): flag
        case .number(let number): number != 0
        case .digits: true
        case .string(let text): !text.isEmpty
        case .list(let values): !values.isEmpty
        case .object: true
        }
    }

    /// The value with `change` applied to every text in it, including keys.
    package func mapTexts(_ change: (String) -> String) -> Value {
        switch self {
        case .null, .bool, .number, .digits, .withheld: self
        case .string(let text): .string(change(text))
        case .list(let values): .list(values.map { $0.mapTexts(change) })
        case .object(let members):
            .object(
                Dictionary(members.map { (change($0.key), $0.value.mapTexts(change)) }, uniquingKeysWith: { $1 }))
        }
    }

    /// Whether it is withheld or has a member that is.
    package var isIncomplete: Bool {
        switch self {
        case .withheld: true
        case .list(let values): values.contains(where: \.isIncomplete)
        case .object(let members): members.values.contains(where: \.isIncomplete)
        case .null, .bool, .number, .digits, .string: false
        }
    }

    /// The value as text, as output files and messages show it; null is empty.
    package var text: String {
        switch self {
        case .null, .withheld: ""
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
        case .string(let text), .digits(let text): text
        case .list(let values): values.map(\.text).joined(separator: ",")
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",")
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Null for nil.
    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}

extension Value: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Double.self) {
            let whole = number.mayBeRounded ? Self.whole(try? container.decode(Decimal.self)) : nil
            self = whole ?? .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let values = try? container.decode([Value].self) {
            self = .list(values)
        } else {
            self = .object(try container.decode([String: Value].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null, .withheld: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        // JSON has no infinity; an event that cannot be encoded would be worse than a null.
        case .number(let number): number.isFinite ? try container.encode(number) : try container.encodeNil()
        case .digits(let text): try container.encode(Decimal(string: text))
        case .string(let text): try container.encode(text)
        case .list(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}

extension Double {
    /// Whether it can stand for a whole number that is written otherwise.
    var mayBeRounded: Bool { abs(self) >= 9_007_199_254_740_992 }
}

extension Value {
    /// The most digits that a `Decimal` keeps.
    private static let longestWhole = 38

    /// Nil for a number with a fraction, and for one with too many digits.
    private static func whole(_ number: Decimal?) -> Value? { number.flatMap { Value(digits: "\($0)") } }

    /// A whole number as it is written, with a sign or not.
    init?(digits text: String) {
        let isNegative = text.hasPrefix("-")
        let written = text.dropFirst(isNegative || text.hasPrefix("+") ? 1 : 0)
        let digits = written.drop { $0 == "0" }
        guard !written.isEmpty, digits.count <= Self.longestWhole, digits.allSatisfy({ ("0"..."9").contains($0) })
        else {
            return nil
        }
        self = .digits((isNegative ? "-" : "") + digits)
    }

    /// The value of a number, rounded.
    var rounded: Double? {
        switch self {
        case .number(let number): number
        case .digits(let text): Double(text)
        default: nil
        }
    }
}
