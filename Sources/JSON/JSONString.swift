/// JSON strings between their text and the token that stands for it, quotes and escapes included.
enum JSONString {
    static func token(_ text: String) -> ArraySlice<UInt8> {
        var token = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): token += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): token += Array(#"\n"#.utf8)
            case UInt8(ascii: "\t"): token += Array(#"\t"#.utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                token += Array((#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
            default: token.append(byte)
            }
        }
        return token + [UInt8(ascii: "\"")]
    }

    /// What a well-formed token says; half of a surrogate pair becomes U+FFFD.
    static func text(of token: ArraySlice<UInt8>) -> String {
        var rest = token.dropFirst().dropLast()
        guard rest.contains(UInt8(ascii: "\\")) else { return String(decoding: rest, as: UTF8.self) }
        var text = ""
        while let start = rest.firstIndex(of: UInt8(ascii: "\\")) {
            text += String(decoding: rest[..<start], as: UTF8.self)
            rest = rest[start...].dropFirst()
            guard let kind = rest.popFirst() else { break }
            text.unicodeScalars.append(scalar(escapedBy: kind, &rest))
        }
        return text + String(decoding: rest, as: UTF8.self)
    }

    private static func scalar(escapedBy kind: UInt8, _ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar {
        switch kind {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"): break
        default: return Unicode.Scalar(kind)
        }
        let first = unit(rest.prefix(4))
        rest = rest.dropFirst(4)
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let next = rest.prefix(6)
        let second = next.starts(with: Array(#"\u"#.utf8)) ? unit(next.dropFirst(2)) : 0
        guard UTF16.isTrailSurrogate(second) else { return "\u{FFFD}" }
        rest = rest.dropFirst(6)
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private static func unit(_ digits: ArraySlice<UInt8>) -> UInt16 {
        UInt16(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0xFFFD
    }
}
