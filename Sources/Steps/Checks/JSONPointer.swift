import ControlPlaneTypes

/// A place in a JSON document (RFC 6901), such as `/host/revision_id` or `/items/0`.
struct JSONPointer: Equatable, CustomStringConvertible {
    let description: String
    private let tokens: [String]

    /// Nil when `text` is neither empty nor begins with a slash, or has a `~` that stands for nothing.
    init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
        description = text
    }

    /// Nil when the document has no such place.
    func value(in document: JSONValue) -> JSONValue? {
        tokens.reduce(document as JSONValue?) { value, token in
            switch value {
            case .object(let members): members[token]
            case .array(let values): Self.index(token).flatMap { values.indices.contains($0) ? values[$0] : nil }
            default: nil
            }
        }
    }

    private static func unescaped(_ part: Substring) -> String? {
        var text = ""
        var rest = part[...]
        while let character = rest.popFirst() {
            guard character == "~" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "0": text.append("~")
            case "1": text.append("/")
            default: return nil
            }
        }
        return text
    }

    /// Digits without a leading zero.
    private static func index(_ token: String) -> Int? {
        guard token == "0" || !token.hasPrefix("0"), token.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(token)
    }
}
