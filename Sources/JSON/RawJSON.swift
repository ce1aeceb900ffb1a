package import FoundationEssentials

/// A JSON value that keeps what its text said: the order of keys, keys given twice, and numbers digit by digit.
package enum RawJSON: Sendable, Equatable {
    /// `null`, `true`, `false` or a number, as written.
    case literal(ArraySlice<UInt8>)
    /// With its quotes and escapes, as written.
    case string(ArraySlice<UInt8>)
    case array([RawJSON])
    case object([Member])

    package struct Member: Sendable, Equatable {
        /// The key with its quotes and escapes, as written.
        package var token: ArraySlice<UInt8>
        package var value: RawJSON

        package init(_ key: String, _ value: RawJSON) {
            token = JSONString.token(key)
            self.value = value
        }

        init(token: ArraySlice<UInt8>, value: RawJSON) {
            self.token = token
            self.value = value
        }

        package var key: String { JSONString.text(of: token) }

        package func isNamed(_ key: String) -> Bool {
            token.dropFirst().dropLast().elementsEqual(key.utf8)
                || (token.contains(UInt8(ascii: "\\")) && self.key == key)
        }
    }
}

extension RawJSON {
    package static let null = RawJSON(literal: "null")
    package static func bool(_ value: Bool) -> RawJSON { RawJSON(literal: value ? "true" : "false") }
    package static func text(_ text: String) -> RawJSON { .string(JSONString.token(text)) }

    private init(literal: String) { self = .literal(ArraySlice(literal.utf8)) }

    /// Members that have a value, in their order.
    package init(object pairs: [(String, RawJSON?)]) {
        self = .object(pairs.compactMap { key, value in value.map { Member(key, $0) } })
    }

    package var isNull: Bool { self == .null }

    /// The text of a string, unescaped; nil for anything else.
    package var text: String? {
        if case .string(let token) = self { JSONString.text(of: token) } else { nil }
    }

    package var integer: Int? {
        if case .literal(let token) = self { Int(String(decoding: token, as: UTF8.self)) } else { nil }
    }

    package var elements: [RawJSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The value of a key, of its last one when it is there twice; nil for anything but an object.
    package subscript(key: String) -> RawJSON? {
        members?.last { $0.isNamed(key) }?.value
    }

    /// The object with `value` at `path`: what is on the way is made, what is there is replaced. A value that is no
    /// object gives way.
    package func setting(_ value: RawJSON, at path: ArraySlice<String>) -> RawJSON {
        guard let key = path.first else { return value }
        var members = members ?? []
        let index = members.lastIndex { $0.isNamed(key) }
        let below = (index.map { members[$0].value } ?? .object([])).setting(value, at: path.dropFirst())
        if let index { members[index].value = below } else { members.append(Member(key, below)) }
        return .object(members)
    }
}

extension RawJSON {
    /// One line.
    package var data: Data {
        var output: [UInt8] = []
        write(to: &output, indentation: nil)
        return Data(output)
    }

    /// Two spaces a level, for people and programs alike; no line break at the end.
    package var indented: String {
        var output: [UInt8] = []
        write(to: &output, indentation: 0)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(to output: inout [UInt8], indentation: Int?) {
        switch self {
        case .literal(let token), .string(let token):
            output += token
        case .array(let elements):
            Self.write(elements, between: "[", "]", to: &output, indentation) { element, inner, output in
                element.write(to: &output, indentation: inner)
            }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &output, indentation) { member, inner, output in
                output += member.token
                output.append(UInt8(ascii: ":"))
                if inner != nil { output.append(UInt8(ascii: " ")) }
                member.value.write(to: &output, indentation: inner)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between start: Character, _ end: Character, to output: inout [UInt8], _ indentation: Int?,
        _ item: (Item, Int?, inout [UInt8]) -> Void
    ) {
        output += start.utf8
        let inner = indentation.map { $0 + 2 }
        for (index, value) in items.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine(inner, &output)
            item(value, inner, &output)
        }
        if !items.isEmpty { breakLine(indentation, &output) }
        output += end.utf8
    }

    private static func breakLine(_ indentation: Int?, _ output: inout [UInt8]) {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output += repeatElement(UInt8(ascii: " "), count: indentation)
    }
}
