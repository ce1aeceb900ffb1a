extension String {
    /// Whether nothing of it can be seen: it has only spaces, invisible characters and escape sequences of terminals.
    package var isBlank: Bool {
        removingTerminalEscapes().unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .format, .control, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned: true
            default: scalar.properties.isDefaultIgnorableCodePoint || scalar == "\u{2800}"
            }
        }
    }

    /// Without the whitespace at its ends.
    package var trimmingWhitespace: String {
        let start = drop(while: \.isWhitespace)
        return String(start.dropLast(start.reversed().prefix(while: \.isWhitespace).count))
    }
}
