package import FoundationEssentials

/// Why a text is not JSON, or not the JSON that was wanted.
package struct RawJSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package var reason: String
    /// In bytes from the beginning of the text; nil when it is JSON.
    package var offset: Int?

    package init(_ reason: String, offset: Int? = nil) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { offset.map { "not JSON: \(reason) at byte \($0)" } ?? reason }
}

extension RawJSON {
    /// Deeper nesting than any answer of the API has is somebody's attempt to use up the stack.
    package static var deepestNesting: Int { 200 }

    /// Reads one value in UTF-8 (RFC 8259), a byte order mark before it allowed.
    package init(parsing data: Data) throws(RawJSONError) {
        let bytes = Array(data)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw RawJSONError("text that is not UTF-8", offset: 0)
        }
        var parser = RawJSONParser(bytes)
        self = try parser.document()
    }
}

/// Walks over the bytes once; every token of the result is a slice of them.
private struct RawJSONParser {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    mutating func document() throws(RawJSONError) -> RawJSON {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("more text after the value") }
        return value
    }

    private mutating func value(depth: Int) throws(RawJSONError) -> RawJSON {
        guard depth < RawJSON.deepestNesting else { throw failure("too deep nesting") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return .literal(try word("true"))
        case UInt8(ascii: "f"): return .literal(try word("false"))
        case UInt8(ascii: "n"): return .literal(try word("null"))
        case nil: throw failure("the text ends too early")
        default: return .literal(try number())
        }
    }

    private mutating func object(depth: Int) throws(RawJSONError) -> RawJSON {
        position += 1
        var members: [RawJSON.Member] = []
        if takes(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure("no key") }
            let key = try string()
            guard takes(UInt8(ascii: ":")) else { throw failure("no colon after a key") }
            members.append(RawJSON.Member(token: key, value: try value(depth: depth + 1)))
        } while takes(UInt8(ascii: ","))
        guard takes(UInt8(ascii: "}")) else { throw failure("an object without end") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(RawJSONError) -> RawJSON {
        position += 1
        var elements: [RawJSON] = []
        if takes(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while takes(UInt8(ascii: ","))
        guard takes(UInt8(ascii: "]")) else { throw failure("an array without end") }
        return .array(elements)
    }

    private mutating func string() throws(RawJSONError) -> ArraySlice<UInt8> {
        let start = position
        position += 1
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return bytes[start..<position]
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw failure("a control character in a string")
            default: break
            }
        }
        throw failure("a string without end")
    }

    private mutating func escape() throws(RawJSONError) {
        guard let kind = peek else { throw failure("a string without end") }
        position += 1
        if kind == UInt8(ascii: "u") {
            for _ in 0..<4 {
                guard let digit = peek, Unicode.Scalar(digit).properties.isASCIIHexDigit else {
                    throw failure("a wrong escape")
                }
                position += 1
            }
        } else if !#""\/bfnrt"#.utf8.contains(kind) {
            throw failure("a wrong escape")
        }
    }

    private mutating func number() throws(RawJSONError) -> ArraySlice<UInt8> {
        let start = position
        skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "-")) { skip(UInt8(ascii: "+")) }
            try digits()
        }
        return bytes[start..<position]
    }

    private mutating func digits() throws(RawJSONError) {
        let start = position
        while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        guard position > start else { throw failure("no value") }
    }

    private mutating func word(_ word: String) throws(RawJSONError) -> ArraySlice<UInt8> {
        let slice = bytes[position...].prefix(word.utf8.count)
        guard slice.elementsEqual(word.utf8) else { throw failure("no value") }
        position = slice.endIndex
        return slice
    }

    /// Whether `byte` comes next, past white space; takes it then.
    private mutating func takes(_ byte: UInt8) -> Bool {
        skipSpace()
        return skip(byte)
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ reason: String) -> RawJSONError { RawJSONError(reason, offset: position) }
}
