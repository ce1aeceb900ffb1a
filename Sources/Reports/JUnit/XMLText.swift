import Redaction

/// Text as XML 1.0 can hold it.
enum XMLText {
    /// Without terminal escapes; what XML has no way to write, not even as a reference, becomes U+FFFD.
    static func clean(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.removingTerminalEscapes().unicodeScalars {
            result.append(isAllowed(scalar) ? scalar : "\u{FFFD}")
        }
        return String(result)
    }

    static func content(_ text: String) -> String { escape(text, isAttribute: false) }

    static func attribute(_ text: String) -> String { escape(text, isAttribute: true) }

    /// `Char` of XML 1.0, section 2.2.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    /// References rather than CDATA, which `]]>` would end.
    private static func escape(_ text: String, isAttribute: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in clean(text).unicodeScalars {
            if let reference = reference(for: scalar, isAttribute: isAttribute) {
                result.append(contentsOf: reference.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private static func reference(for scalar: Unicode.Scalar, isAttribute: Bool) -> String? {
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        // Parsers turn a bare one into a newline.
        case "\r": "&#13;"
        case "\"" where isAttribute: "&quot;"
        case "\n" where isAttribute: "&#10;"
        case "\t" where isAttribute: "&#9;"
        default: nil
        }
    }
}
