/// Makes text that somebody else wrote safe to print: no control characters, no writing-direction tricks and, where a
/// CI system reads along, nothing that it takes for a command.
package struct TextSanitizer: Sendable, Equatable {
    /// In Unicode scalars; what is longer is data, not a message.
    package static let maximumLineLength = 4096

    /// Whether a CI system looks for commands in what is printed.
    package var escapesCICommands: Bool

    package init(escapesCICommands: Bool) {
        self.escapesCICommands = escapesCICommands
    }

    /// The text as one line.
    package func line(_ text: String) -> String {
        if Self.isPlain(text) { return text }
        var scalars = String.UnicodeScalarView()
        let shortened = text.cut(toScalars: Self.maximumLineLength)
        for scalar in shortened.removingTerminalEscapes().unicodeScalars { scalars.append(Self.printable(scalar)) }
        let clean = String(scalars)
        return escapesCICommands ? Self.withoutCommands(clean) : clean
    }

    package func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line(String($0)) }
    }

    private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "\t", "\n", "\r", "\u{2028}", "\u{2029}": " "
        // Overrides and isolates of writing direction can make a line read as another one.
        case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": "\u{FFFD}"
        default:
            scalar.properties.generalCategory == .control || scalar.properties.isNoncharacterCodePoint
                ? "\u{FFFD}" : scalar
        }
    }

    /// Most lines are: short, printable ASCII and nothing that looks like a command.
    private static func isPlain(_ text: String) -> Bool {
        var previous: UInt8 = 0
        guard text.utf8.count <= maximumLineLength else { return false }
        for byte in text.utf8 {
            guard (0x20...0x7E).contains(byte), byte != previous || (byte != 0x3A && byte != 0x23) else { return false }
            previous = byte
        }
        return true
    }

    /// GitHub reads `::command::` at the start of a line and `##[command]` anywhere in it. Compared scalar by scalar: a
    /// combining mark would hide a command from a comparison of characters.
    private static func withoutCommands(_ line: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = Substring(line).unicodeScalars
        while let space = rest.first, space.properties.isWhitespace { result.append(rest.removeFirst()) }
        if rest.starts(with: "::".unicodeScalars) {
            result.append(rest.removeFirst())
            result.append(wedge)
        }
        while let scalar = rest.first {
            if rest.starts(with: "##[".unicodeScalars) {
                result.append(rest.removeFirst())
                result.append(wedge)
            }
            result.append(scalar)
            rest.removeFirst()
        }
        return String(result)
    }

    /// Zero width space: keeps a command from being one, and the text readable.
    private static let wedge: Unicode.Scalar = "\u{200B}"
}

extension String {
    /// The text, or its beginning and an ellipsis.
    func cut(toScalars count: Int) -> String {
        guard let end = unicodeScalars.index(startIndex, offsetBy: count, limitedBy: endIndex), end < endIndex else {
            return self
        }
        return String(unicodeScalars[..<end]) + "…"
    }
}
