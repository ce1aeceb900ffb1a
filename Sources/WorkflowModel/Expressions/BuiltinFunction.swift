/// The functions that expressions may call, beside those that ask how the run stands.
package enum BuiltinFunction: String, Sendable, CaseIterable {
    case contains, startsWith, endsWith, format, join, toJSON, fromJSON, hashFiles
    case fallback = "default"

    package var argumentCount: ClosedRange<Int> {
        switch self {
        case .contains, .startsWith, .endsWith, .fallback: 2...2
        case .join: 1...2
        case .toJSON, .fromJSON: 1...1
        case .format, .hashFiles: 1...ExpressionParser.maximumLength
        }
    }

    /// How it is called and what it gives, for messages and documents.
    package var usage: (call: String, summary: String) {
        switch self {
        case .contains: ("contains(where, what)", "whether a text has a part, or a list an element")
        case .startsWith: ("startsWith(text, start)", "whether a text begins so")
        case .endsWith: ("endsWith(text, end)", "whether a text ends so")
        case .format: ("format(pattern, …)", "the pattern with `{0}`, `{1}`, … filled in")
        case .join: ("join(list, separator)", "the elements as one text; the separator is `,` when left out")
        case .toJSON: ("toJSON(value)", "the value as JSON")
        case .fromJSON: ("fromJSON(text)", "the value that the JSON holds")
        case .hashFiles: ("hashFiles(pattern, …)", "one hash over the files that match; empty when none does")
        case .fallback:
            (
                "default(value, other)",
                "the value, or the other one when it is null, empty or an output that a script never wrote"
            )
        }
    }
}
