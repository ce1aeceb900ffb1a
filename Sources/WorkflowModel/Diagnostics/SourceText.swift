/// The text of a file by lines, to show the line of a problem.
package struct SourceText: Sendable {
    package let file: String
    private let bytes: [UInt8]
    /// The offset of each line in `bytes`, then the offset after the last one.
    private let starts: [Int]

    package init(_ bytes: [UInt8], file: String, maximumSize: Int = YAMLDocument.maximumSize) {
        self.file = file
        self.bytes = Array(bytes.prefix(maximumSize))
        let breaks = self.bytes.indices.filter { [bytes = self.bytes] in bytes.endsLine(at: $0) }
        starts = [0] + breaks.map { $0 + 1 } + [self.bytes.count + 1]
    }

    /// Nil when the file has no such line; `number` counts from 1.
    package func line(_ number: Int) -> String? {
        guard starts.indices.dropLast().contains(number - 1) else { return nil }
        let line = String(decoding: bytes[starts[number - 1]..<min(starts[number], bytes.count)], as: UTF8.self)
        // "\r\n" is one character.
        return ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"].contains(line.last)
            ? String(line.dropLast()) : line
    }

    package func position(_ mark: YAMLNode.Mark) -> SourcePosition {
        SourcePosition(file: file, line: mark.line, column: mark.column)
    }

    /// The position in the file of the scalar at `offset` in a text; the start of the text where escapes or folded lines
    /// make that unknown.
    func position(ofOffset offset: Int, in node: YAMLNode) -> SourcePosition {
        guard case .scalar(let text, let style) = node.content else { return position(node.mark) }
        return position(style == .block ? inBlock(offset, text, node.mark) : inLine(offset, text, node.mark, style))
    }

    private func inLine(_ offset: Int, _ text: String, _ mark: YAMLNode.Mark, _ style: YAMLNode.Style) -> YAMLNode.Mark
    {
        let quote = style == .quoted ? 1 : 0
        guard let line = line(mark.line),
            line.unicodeScalars.dropFirst(mark.column - 1 + quote).starts(with: text.unicodeScalars)
        else { return mark }
        return .init(line: mark.line, column: mark.column + quote + offset)
    }

    private func inBlock(_ offset: Int, _ text: String, _ mark: YAMLNode.Mark) -> YAMLNode.Mark {
        let before = text.unicodeScalars.prefix(offset)
        let lineOffset = before.count { $0 == "\n" }
        let inLine = before.reversed().prefix { $0 != "\n" }.count
        let wanted = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard wanted.indices.contains(lineOffset), let line = line(mark.line + 1 + lineOffset) else { return mark }
        let indent = line.unicodeScalars.count - wanted[lineOffset].count
        guard indent >= 0, line.unicodeScalars.dropFirst(indent).elementsEqual(wanted[lineOffset]) else { return mark }
        return .init(line: mark.line + 1 + lineOffset, column: indent + inLine + 1)
    }
}

extension [UInt8] {
    /// Whether a line break ends at that byte; line breaks as libyaml counts them.
    fileprivate func endsLine(at index: Int) -> Bool {
        switch self[index] {
        case 0x0A: true
        case 0x0D: index + 1 == count || self[index + 1] != 0x0A
        case 0x85: index >= 1 && self[index - 1] == 0xC2
        case 0xA8, 0xA9: index >= 2 && self[index - 1] == 0x80 && self[index - 2] == 0xE2
        default: false
        }
    }
}
