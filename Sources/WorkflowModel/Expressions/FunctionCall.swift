import FoundationEssentials

/// A call of a builtin function with evaluated arguments; pure except for the injected `hashFiles`.
struct FunctionCall {
    /// 1 MiB: decoding JSON takes many times its size in memory.
    private static let maximumJSONLength = 1_048_576

    let function: BuiltinFunction
    let arguments: [Value]

    func result(hashFiles: Evaluator.HashFiles?) throws(ExpressionError) -> Value {
        guard function.argumentCount.contains(arguments.count), let first = arguments.first else {
            throw ExpressionError(message: "wrong number of arguments for \(function.usage.call): \(arguments.count)")
        }
        switch function {
        case .contains: return .bool(try contains(arguments[1], in: first))
        case .startsWith: return .bool(try text(0).hasPrefix(try text(1)))
        case .endsWith: return .bool(try text(0).hasSuffix(try text(1)))
        case .format:
            return .string(try FormatPattern(try text(0)).filled(with: arguments.dropFirst().map(\.text)))
        case .join:
            return .string(try elements().map(\.text).joined(separator: arguments.count > 1 ? try text(1) : ","))
        case .toJSON: return .string(try json(first))
        case .fromJSON: return try value(try text(0))
        case .fallback: return first == .null || first == "" ? arguments[1] : first
        case .hashFiles:
            guard let hashFiles else { throw ExpressionError(message: "hashFiles: no files available here") }
            return .string(try hashFiles(arguments.map(\.text)))
        }
    }

    private func text(_ index: Int) throws(ExpressionError) -> String {
        switch arguments[index] {
        case .string(let text): return text
        case .null: return ""
        case let other: throw wrong(other, "a text")
        }
    }

    private func elements() throws(ExpressionError) -> [Value] {
        switch arguments[0] {
        case .list(let elements): return elements
        case .null: return []
        case let other: throw wrong(other, "a list")
        }
    }

    private func contains(_ part: Value, in whole: Value) throws(ExpressionError) -> Bool {
        switch whole {
        case .list(let elements): return elements.contains(part)
        case .string(let text):
            guard let part = part.string else { throw wrong(part, "a text") }
            return part.isEmpty || text.contains(part)
        case .null: return false
        default: throw wrong(whole, "a text or a list")
        }
    }

    private func wrong(_ value: Value, _ wanted: String) -> ExpressionError {
        ExpressionError(message: "\(function.rawValue): \(value.kindName) is not \(wanted)")
    }

    private func json(_ value: Value) throws(ExpressionError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw ExpressionError(message: "toJSON: cannot encode the value")
        }
    }

    private func value(_ text: String) throws(ExpressionError) -> Value {
        guard text.utf8.count <= Self.maximumJSONLength else {
            throw ExpressionError(message: "fromJSON: the text is longer than \(Self.maximumJSONLength) bytes")
        }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw ExpressionError(message: "fromJSON: the text is not JSON")
        }
    }

}

/// The pattern of `format`: `{0}` is an argument, `{{` and `}}` are braces, and any other brace is an error, as on GitHub.
struct FormatPattern {
    private enum Part {
        case text(String)
        case argument(Int)
    }

    private var parts: [Part] = []
    private let pattern: String

    /// Throws `ExpressionError` for a brace that is neither escaped nor part of a placeholder.
    init(_ pattern: String) throws(ExpressionError) {
        self.pattern = pattern
        var (text, rest) = ("", pattern[...])
        while let character = rest.popFirst() {
            guard character == "{" || character == "}" else {
                text.append(character)
                continue
            }
            if rest.first == character {
                text.append(character)
                rest.removeFirst()
            } else if character == "{", let close = rest.firstIndex(of: "}"), let index = Self.index(rest[..<close]) {
                parts += [.text(text), .argument(index)]
                text = ""
                rest = rest[rest.index(after: close)...]
            } else {
                throw problem("a single '\(character)'", hint: "write '\(character)\(character)' for a brace")
            }
        }
        parts.append(.text(text))
    }

    private static func index(_ text: Substring) -> Int? {
        text.allSatisfy { ("0"..."9").contains($0) } ? Int(text) : nil
    }

    /// Throws `ExpressionError` for a placeholder without an argument.
    func filled(with values: [String]) throws(ExpressionError) -> String {
        try check(argumentCount: values.count)
        return parts.map { part in
            switch part {
            case .text(let text): text
            case .argument(let index): values[index]
            }
        }.joined()
    }

    func check(argumentCount count: Int) throws(ExpressionError) {
        for case .argument(let index) in parts where index >= count {
            throw problem("no argument for {\(index)}", hint: "arguments are counted from {0}")
        }
    }

    private func problem(_ what: String, hint: String) -> ExpressionError {
        ExpressionError(message: "format: \(what) in '\(pattern.prefix(80))'; \(hint)")
    }
}

/// The functions of expressions other than the status functions.
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

    /// A sample call and its result, for messages and documentation.
    package var usage: (call: String, summary: String) {
        switch self {
        case .contains: ("contains(where, what)", "whether a text contains another, or a list an element")
        case .startsWith: ("startsWith(text, start)", "whether a text starts with another")
        case .endsWith: ("endsWith(text, end)", "whether a text ends with another")
        case .format:
            (
                "format(pattern, …)",
                "the pattern with `{0}`, `{1}`, … replaced by the arguments; `{{` and `}}` are braces"
            )
        case .join: ("join(list, separator)", "the elements as one text; the separator is `,` by default")
        case .toJSON: ("toJSON(value)", "the value as JSON")
        case .fromJSON: ("fromJSON(text)", "the value of the JSON text")
        case .hashFiles: ("hashFiles(pattern, …)", "one hash of all matching files; empty if none match")
        case .fallback:
            (
                "default(value, other)",
                "the value, or the other if it is null, empty or missing: a member, an optional secret, an output that a script never wrote"
            )
        }
    }
}
