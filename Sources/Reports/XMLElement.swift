import Redaction

/// An XML element and its text. Written by hand, because libraries write control characters that no parser reads.
struct XMLElement {
    var name: String
    var attributes: [(name: String, value: String)] = []
    var text = ""
    var children: [XMLElement] = []

    init(_ name: String, _ attributes: [(name: String, value: String)] = [], text: String = "") {
        self.name = name
        self.attributes = attributes
        self.text = text
    }

    /// A whole document in UTF-8, valid whatever the texts contain.
    var document: String {
        var result = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
        write(to: &result, indent: "")
        return result
    }

    private func write(to result: inout String, indent: String) {
        result += indent + "<" + name
        for attribute in attributes {
            result += " \(attribute.name)=\"\(XMLText.attribute(attribute.value))\""
        }
        guard !text.isEmpty || !children.isEmpty else {
            result += "/>\n"
            return
        }
        result += ">" + XMLText.content(text)
        if !children.isEmpty {
            result += "\n"
            for child in children { child.write(to: &result, indent: indent + "  ") }
            result += indent
        }
        result += "</\(name)>\n"
    }
}

/// Text that XML 1.0 can represent.
enum XMLText {
    /// The text without terminal escapes; what XML cannot represent, not even by a reference, becomes U+FFFD.
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
