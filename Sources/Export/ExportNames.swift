/// Names and texts of a fleet in forms that engines take, whatever the file of targets has.
enum ExportNames {
    /// Lower-case letters, digits and dashes, at most 40; a hash keeps apart what differs only in other characters.
    static func slug(_ text: String) -> String {
        let words = text.lowercased().utf8.split { !isAlphanumeric($0) }
        let slug = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
        guard slug == text, !slug.isEmpty, slug.utf8.count <= 40 else {
            return [trimmed(slug, 31), hash(text)].filter { !$0.isEmpty }.joined(separator: "-")
        }
        return slug
    }

    private static func trimmed(_ slug: String, _ count: Int) -> String {
        let part = String(slug.prefix(count))
        return part.hasSuffix("-") ? String(part.dropLast()) : part
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// A letter, a digit or an underscore.
    static func isWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
    }

    /// FNV-1a: the same on every machine, unlike Swift's own.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// In one line, without what engines read as an expression.
    static func title(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        return String(line.replacing("{{", with: "{ {").prefix(80))
    }

    /// One word of a POSIX shell.
    static func shellWord(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { isWord($0) || "./@%+=:,-".utf8.contains($0) }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// A text in a string that GitHub evaluates.
    static func githubLiteral(_ text: String) -> String { text.replacing("${{", with: "${{ '${{' }}") }
}
