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
        case .format: return .string(fill(try text(0), with: arguments.dropFirst().map(\.text)))
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

    private func fill(_ pattern: String, with values: [String]) -> String {
        var result = ""
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            if let index = Int(rest[rest.index(after: open)..<close]), values.indices.contains(index) {
                result += values[index]
            } else {
                result += rest[open...close]
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
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
        case .format: ("format(pattern, …)", "the pattern with `{0}`, `{1}`, … replaced by the arguments")
        case .join: ("join(list, separator)", "the elements as one text; the separator is `,` by default")
        case .toJSON: ("toJSON(value)", "the value as JSON")
        case .fromJSON: ("fromJSON(text)", "the value of the JSON text")
        case .hashFiles: ("hashFiles(pattern, …)", "one hash of all matching files; empty if none match")
        case .fallback:
            (
                "default(value, other)",
                "the value, or the other if it is null, empty or an output that a script never wrote"
            )
        }
    }
}
