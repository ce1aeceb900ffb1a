import ControlPlaneTypes
import Redaction

/// Reads `NAME=value` lines, as docs/deploying.md describes them.
struct SecretsFile {
    /// What is wrong, without a value.
    struct Problem: Error, Equatable {
        /// From 1.
        var line: Int
        var message: String
    }

    private var rest: Substring.UnicodeScalarView
    private var line = 1
    private var secrets: [Secret] = []

    /// The secrets in their order.
    static func parse(_ text: String) throws(Problem) -> [Secret] {
        var file = SecretsFile(text)
        while try file.readLine() {}
        return file.secrets
    }

    private init(_ text: String) {
        let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        // By scalars, because a line's end in Windows' form is one character.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.last == "\r" ? $0.dropLast() : $0 }
        var joined = Substring.UnicodeScalarView()
        for (index, line) in lines.enumerated() {
            if index > 0 { joined.append("\n") }
            joined.append(contentsOf: line)
        }
        rest = joined
    }

    /// One entry, comment or empty line; false at the end.
    private mutating func readLine() throws(Problem) -> Bool {
        skipBlanks()
        guard let first = rest.first else { return false }
        if first == "\n" || first == "#" {
            endLine()
            return true
        }
        let start = line
        let name = try readName()
        let value = try readValue(of: name)
        guard !value.isEmpty else { throw Problem(line: start, message: "\(name) has no value") }
        guard !value.unicodeScalars.contains("\0") else {
            throw Problem(line: start, message: "the value of \(name) has a NUL, which no variable can hold")
        }
        guard !secrets.contains(where: { $0.name == name }) else {
            throw Problem(line: start, message: "duplicate name \(name)")
        }
        secrets.append(Secret(name: name, value: SecretValue(value)))
        return true
    }

    private mutating func readName() throws(Problem) -> String {
        var text = Substring(rest.prefix { $0 != "=" && $0 != "\n" })
        rest = rest.dropFirst(text.unicodeScalars.count)
        guard rest.first == "=" else { throw Problem(line: line, message: "not of the form NAME=value") }
        rest = rest.dropFirst()
        while let last = text.unicodeScalars.last, Self.isBlank(last) { text.unicodeScalars.removeLast() }
        if text.hasPrefix("export ") { text = text.dropFirst("export ".count).drop { $0 == " " } }
        guard Self.isName(text) else {
            throw Problem(line: line, message: "invalid name: use letters, digits and _, not starting with a digit")
        }
        return String(text)
    }

    private mutating func readValue(of name: String) throws(Problem) -> String {
        let isSpaced = rest.first.map(Self.isBlank) ?? false
        skipBlanks()
        switch rest.first {
        case "'"?, "\""?:
            let start = line
            let quote = rest.removeFirst()
            guard let value = readQuoted(quote) else {
                throw Problem(line: start, message: "unterminated quote in the value of \(name)")
            }
            skipBlanks()
            guard rest.first == nil || rest.first == "\n" || rest.first == "#" else {
                throw Problem(line: line, message: "something follows the closing quote of \(name)")
            }
            endLine()
            return value
        case "#"? where isSpaced:
            endLine()
            return ""
        default: return readPlain()
        }
    }

    /// To the end of the line, or to a `#` behind a space.
    private mutating func readPlain() -> String {
        var value = String.UnicodeScalarView()
        for scalar in rest.prefix(while: { $0 != "\n" }) {
            if scalar == "#", value.last.map(Self.isBlank) == true { break }
            value.append(scalar)
        }
        endLine()
        while let last = value.last, Self.isBlank(last) { value.removeLast() }
        return String(value)
    }

    /// Over as many lines as it takes; nil when it has no end. Only double quotes know escapes.
    private mutating func readQuoted(_ quote: Unicode.Scalar) -> String? {
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == quote { return String(value) }
            if scalar == "\n" { line += 1 }
            guard scalar == "\\", quote == "\"", let escaped = rest.popFirst() else {
                value.append(scalar)
                continue
            }
            if escaped == "\n" { line += 1 }
            value.append(contentsOf: Self.unescaped(escaped))
        }
        return nil
    }

    private static func unescaped(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar {
        case "n": ["\n"]
        case "r": ["\r"]
        case "t": ["\t"]
        case "\"", "\\", "$": [scalar]
        default: ["\\", scalar]
        }
    }

    private mutating func skipBlanks() { rest = rest.drop(while: Self.isBlank) }

    private mutating func endLine() {
        rest = rest.drop { $0 != "\n" }
        if rest.popFirst() != nil { line += 1 }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
