import ControlPlaneTypes
import FoundationEssentials
import JSON

/// `key=value` for the body or the query of a request, as on the command line of `gh api`.
struct FieldAssignment: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case key(String)
        /// `[]`: one more element.
        case element
    }

    struct Problem: Error, Equatable {
        var message: String
        var hint: String
    }

    var path: [Step]
    /// Nil for `key[]`, which sets an empty list.
    var text: String?
    /// Whether `true`, `12`, `null` and `@file` have their JSON or file meaning.
    var isTyped: Bool

    init(_ argument: String, isTyped: Bool) throws(Problem) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        path = try Self.path(String(parts.first ?? ""), in: argument)
        text = parts.count > 1 ? String(parts[1]) : nil
        self.isTyped = isTyped
        if text == nil, path.popLast() != .element {
            throw Problem(message: "missing value in field: \(argument)", hint: "write it as key=value")
        }
    }

    /// A file whose content is the value; `-` is standard input.
    var file: String? {
        isTyped && text?.first == "@" ? text.map { String($0.dropFirst()) } : nil
    }

    /// The JSON literal or number that `text` spells, else the text.
    static func value(of text: String) -> RawJSON {
        if let value = try? RawJSON(parsing: Data(text.utf8)), case .literal = value,
            !text.contains(where: \.isWhitespace)
        {
            return value
        }
        return .text(text)
    }

    /// `a[b][]` is the key a, the key b in it, and one more element in that.
    private static func path(_ text: String, in argument: String) throws(Problem) -> [Step] {
        var parts = text.split(separator: "[", omittingEmptySubsequences: false)[...]
        let first = parts.popFirst() ?? ""
        var path: [Step] = [.key(String(first))]
        for part in parts {
            guard part.hasSuffix("]") else { throw malformed(argument) }
            path.append(part == "]" ? .element : .key(String(part.dropLast())))
        }
        guard !first.isEmpty, !first.contains("]") else { throw malformed(argument) }
        return path
    }

    private static func malformed(_ argument: String) -> Problem {
        Problem(
            message: "invalid field: \(argument)", hint: "write it as key=value, key[sub]=value or key[]=value")
    }
}

extension RawJSON {
    /// The value with `value` set at `path`. An element that already has the next key is followed by a new one,
    /// so that `list[][a]=1 list[][b]=2 list[][a]=3` creates two objects.
    func assigning(_ value: RawJSON, at path: ArraySlice<FieldAssignment.Step>) -> RawJSON {
        switch path.first {
        case nil: return value
        case .key(let key):
            let below = self[key] ?? .object([])
            return setting(below.assigning(value, at: path.dropFirst()), at: [key])
        case .element:
            var elements = elements ?? []
            let rest = path.dropFirst()
            if case .key(let key)? = rest.first, let last = elements.last, last[key] == nil {
                elements[elements.count - 1] = last.assigning(value, at: rest)
            } else {
                elements.append(RawJSON.object([]).assigning(value, at: rest))
            }
            return .array(elements)
        }
    }
}
