import Redaction

/// Markup that is safe by construction: text is always escaped.
package struct HTML: Sendable, Equatable {
    package typealias Attributes = KeyValuePairs<String, String>

    package private(set) var markup: String

    private init(markup: String) { self.markup = markup }

    /// Untrusted text on one line.
    package static func text(_ text: String) -> HTML {
        HTML(markup: escape(TextSanitizer(escapesCICommands: false).line(text)))
    }

    /// Untrusted text of several lines.
    package static func lines(_ lines: [String]) -> HTML {
        let clean = TextSanitizer(escapesCICommands: false)
        return HTML(markup: lines.map { escape(clean.line($0)) }.joined(separator: "\n"))
    }

    /// An element; attributes with an empty value are left out.
    package static func element(_ name: String, _ attributes: Attributes = [:], _ children: [HTML] = []) -> HTML {
        var markup = void(name, attributes).markup
        for child in children { markup += child.markup }
        return HTML(markup: markup + "</\(name)>")
    }

    /// An element that has no content and no end tag.
    package static func void(_ name: String, _ attributes: Attributes = [:]) -> HTML {
        var markup = "<\(name)"
        for (name, value) in attributes where !value.isEmpty { markup += " \(name)=\"\(text(value).markup)\"" }
        return HTML(markup: markup + ">")
    }

    package static func element(_ name: String, _ attributes: Attributes = [:], _ text: String) -> HTML {
        element(name, attributes, [.text(text)])
    }

    static func link(_ link: WebLink, _ text: String) -> HTML {
        element("a", ["href": link.address, "rel": "noopener noreferrer nofollow"], text)
    }

    /// A link where the address is safe, else its text.
    package static func link(_ address: String) -> HTML {
        WebLink(address).map { link($0, address) } ?? .text(address)
    }

    package static func joined(_ parts: [HTML], separator: String = "") -> HTML {
        HTML(markup: parts.map(\.markup).joined(separator: escape(separator)))
    }

    package static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { reference(for: $0) != nil }) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 64)
        for byte in text.utf8 {
            if let reference = reference(for: byte) {
                result.append(contentsOf: reference.utf8)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func reference(for byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
