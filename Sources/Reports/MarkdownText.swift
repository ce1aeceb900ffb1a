import Redaction

/// Untrusted text as Markdown that only shows it: no markup, mention, formula or link, and no table cell that ends
/// early.
enum MarkdownText {
    /// On one line, to stand anywhere but at a line's start.
    static func escape(_ text: String) -> String {
        let scalars = Array(TextSanitizer(escapesCICommands: false).line(text).unicodeScalars)
        var result = ""
        for (index, scalar) in scalars.enumerated() {
            result += written(scalar, before: scalars.dropFirst(index + 1).first, after: scalars.prefix(index).last)
        }
        return result
    }

    /// An identifier in the code font where it is one, else escaped text.
    static func code(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "-._/".contains(character))
        }
        return isPlain && !text.isEmpty ? "`\(text)`" : escape(text)
    }

    /// `label` is Markdown already.
    static func link(_ label: String, _ link: WebLink?) -> String {
        link.map { "[\(label)](<\($0.address)>)" } ?? label
    }

    private static func written(
        _ scalar: Unicode.Scalar, before next: Unicode.Scalar?, after previous: Unicode.Scalar?
    ) -> String {
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        // Escaped by a backslash, these would still start a mention or a formula.
        case "@": "&#64;"
        case "$": "&#36;"
        // Readers make links of bare addresses: http://…, www.…
        case ":" where next == "/": "&#58;"
        case "." where previous == "w" || previous == "W": "&#46;"
        case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "!": "\\\(scalar)"
        default: String(scalar)
        }
    }
}
