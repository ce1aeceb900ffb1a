/// A diagnostic for people: the place, the line with a caret below, the hint.
extension Diagnostic {
    /// Longer lines are shown in part.
    private static let maximumWidth = 120

    /// Several lines without a line end; no colours.
    package var text: String {
        let file = Self.visible(position.file.unicodeScalars.map { $0 })
        var lines = [
            "\(file):\(position.line):\(position.column): \(severity.rawValue): \(visibleMessage) [\(code.rawValue)]"
        ]
        lines += snippet
        if let hint { lines.append("hint: \(Self.visible(Array(hint.unicodeScalars)))") }
        return lines.joined(separator: "\n")
    }

    private var visibleMessage: String { Self.visible(Array(message.unicodeScalars)) }

    private var snippet: [String] {
        guard let line, !line.isEmpty else { return [] }
        let scalars = Array(line.unicodeScalars)
        let caret = min(max(position.column - 1, 0), scalars.count)
        let start = caret < Self.maximumWidth ? 0 : caret - Self.maximumWidth / 2
        let shown = scalars[start..<min(scalars.count, start + Self.maximumWidth)]
        let number = String(position.line)
        let gutter = String(repeating: " ", count: max(0, 5 - number.utf8.count)) + number
        let blank = String(repeating: " ", count: gutter.utf8.count)
        // Tabs stay tabs, so that the caret stands where the eye looks for it.
        let indent = scalars[start..<caret].map { $0 == "\t" ? "\t" : " " }.joined()
        return ["\(gutter) | \(Self.visible(Array(shown)))", "\(blank) | \(indent)^"]
    }

    /// What a terminal would obey becomes U+FFFD.
    private static func visible(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        for scalar in scalars {
            let isControl = [.control, .format, .lineSeparator, .paragraphSeparator]
                .contains(scalar.properties.generalCategory)
            view.append(isControl && scalar != "\t" ? "\u{FFFD}" : scalar)
        }
        return String(view)
    }
}
