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

    /// The text with one scalar for each of its own, so that columns stay; tabs stay tabs.
    package static func keepingColumns(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isFormat = scalar.properties.generalCategory == .format
            scalars.append(isFormat ? "\u{FFFD}" : scalar == "\t" ? scalar : printable(scalar))
        }
        return String(scalars)
    }

    /// JSON that means the same, with the control characters that JSON allows in strings written as escapes.
    package func json(_ json: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = json.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            // GitHub reads `##[command]` anywhere in a line.
            let isCommand = escapesCICommands && scalar == "#" && rest.starts(with: "#[".unicodeScalars)
            guard isCommand || Self.isHiddenInJSON(scalar) else {
                result.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            result += (#"\u"# + String(repeating: "0", count: max(4 - digits.count, 0)) + digits).unicodeScalars
        }
        return String(result)
    }

    /// DEL, the C1 controls, and what changes the direction of writing.
    private static func isHiddenInJSON(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
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

/// Escape sequences of terminals (ECMA-48): CSI, OSC and the other strings, two-byte escapes.
enum TerminalEscape {
    /// The end of the sequence that starts at `position`; nil when none does.
    static func end(at position: Int, in text: [UInt8]) -> Int? {
        let next = position + 1
        switch text[position] {
        case 0x1B: return endOfEscape(from: next, in: text)
        // The controls U+0080 to U+009F, in UTF-8.
        case 0xC2 where next < text.count:
            switch text[next] {
            case 0x9B: return endOfControlSequence(from: next + 1, in: text)
            case 0x90, 0x98, 0x9D, 0x9E, 0x9F: return endOfControlString(from: next + 1, in: text)
            default: return nil
            }
        default: return nil
        }
    }

    private static func endOfEscape(from start: Int, in text: [UInt8]) -> Int? {
        guard start < text.count else { return nil }
        switch text[start] {
        case UInt8(ascii: "["):
            return endOfControlSequence(from: start + 1, in: text)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            return endOfControlString(from: start + 1, in: text)
        default:
            let final = text[start...].firstIndex { !(0x20...0x2F).contains($0) }
            return final.flatMap { (0x30...0x7E).contains(text[$0]) ? $0 + 1 : nil }
        }
    }

    /// Parameters, intermediates, one final character.
    private static func endOfControlSequence(from start: Int, in text: [UInt8]) -> Int {
        guard let final = text[start...].firstIndex(where: { !(0x20...0x3F).contains($0) }) else { return text.count }
        return (0x40...0x7E).contains(text[final]) ? final + 1 : final
    }

    /// Up to BEL or ST; one that is never closed ends with its line, so that it cannot swallow the rest of a log.
    private static func endOfControlString(from start: Int, in text: [UInt8]) -> Int {
        var position = start
        while position < text.count, text[position] != 0x0A, text[position] != 0x0D {
            let rest = text[position...]
            if rest.starts(with: [0x07]) { return position + 1 }
            if rest.starts(with: [0xC2, 0x9C]) || rest.starts(with: [0x1B, 0x5C]) { return position + 2 }
            position += 1
        }
        return position
    }
}

extension String {
    /// The text without escape sequences of terminals. An ESC that starts none stays.
    package func removingTerminalEscapes() -> String {
        guard utf8.contains(where: { $0 == 0x1B || $0 == 0xC2 }) else { return self }
        let text = Array(utf8)
        var result: [UInt8] = []
        var position = 0
        while position < text.count {
            if let end = TerminalEscape.end(at: position, in: text) {
                position = end
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The text, or its beginning and an ellipsis.
    package func cut(toScalars count: Int) -> String {
        guard let end = unicodeScalars.index(startIndex, offsetBy: count, limitedBy: endIndex), end < endIndex else {
            return self
        }
        return String(unicodeScalars[..<end]) + "…"
    }
}
