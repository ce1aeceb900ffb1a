extension String {
    /// The text without the escape sequences of terminals (ECMA-48: CSI, OSC and the other strings, two-byte escapes).
    /// An ESC that starts none of these stays.
    func removingTerminalEscapes() -> String {
        guard unicodeScalars.contains(where: { $0 == "\u{1B}" || ("\u{80}"..."\u{9F}").contains($0) }) else {
            return self
        }
        var result = UnicodeScalarView()
        var rest = Substring(self).unicodeScalars
        while let scalar = rest.first {
            let start = rest
            if !rest.dropEscapeSequence() {
                rest = start.dropFirst()
                result.append(scalar)
            }
        }
        return String(result)
    }
}

extension Substring.UnicodeScalarView {
    /// Drops the escape sequence that the text starts with; false when it starts with none.
    fileprivate mutating func dropEscapeSequence() -> Bool {
        guard let first = popFirst() else { return false }
        switch first {
        case "\u{9B}": dropControlSequence()
        case "\u{90}", "\u{98}", "\u{9D}", "\u{9E}", "\u{9F}": dropControlString()
        case "\u{1B}": return dropEscapeTail()
        default: return false
        }
        return true
    }

    private mutating func dropEscapeTail() -> Bool {
        switch self.first {
        case "[":
            removeFirst()
            dropControlSequence()
        case "]", "P", "X", "^", "_":
            removeFirst()
            dropControlString()
        default:
            drop(while: { (" "..."/").contains($0) })
            guard let final = self.first, ("0"..."~").contains(final) else { return false }
            removeFirst()
        }
        return true
    }

    /// Parameters, intermediates, one final character.
    private mutating func dropControlSequence() {
        drop(while: { (" "..."?").contains($0) })
        if let final = first, ("@"..."~").contains(final) { removeFirst() }
    }

    /// Up to BEL or ST; one that is never closed ends with its line, so that it cannot swallow the rest of a log.
    private mutating func dropControlString() {
        while let scalar = first, scalar != "\n", scalar != "\r" {
            removeFirst()
            if scalar == "\u{07}" || scalar == "\u{9C}" { return }
            if scalar == "\u{1B}", first == "\\" {
                removeFirst()
                return
            }
        }
    }

    private mutating func drop(while holds: (Unicode.Scalar) -> Bool) {
        while let scalar = first, holds(scalar) { removeFirst() }
    }
}
