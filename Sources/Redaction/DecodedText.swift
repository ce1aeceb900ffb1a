/// A text as a reader would decode it, with the place in the original that each byte comes from.
struct DecodedText {
    private(set) var bytes: [UInt8] = []
    private var origins: [Range<Int>] = []

    private enum Step {
        case visible, json, percent

        func decode(_ text: [UInt8]) -> DecodedText? {
            switch self {
            case .visible: DecodedText.visible(text)
            case .json: DecodedText.json(text)
            case .percent: DecodedText.percent(text)
            }
        }
    }

    /// The text without what a terminal does not show, without JSON escapes and without percent-encoding, each on top
    /// of the one before; JSON in JSON, percent-encoded JSON and what encodes a terminal sequence too. Only those that
    /// differ.
    static func layers(of text: [UInt8]) -> [DecodedText] {
        let encodings: [Step] = [.json, .json, .percent, .json, .percent, .json, .percent]
        let shown = layers(of: text, [.visible] + encodings.flatMap { [$0, .visible] })
        guard shown.hidesText else { return shown.layers }
        // What a terminal hides, such as the address of a link, everybody can read in a file.
        return layers(of: text, encodings).layers + shown.layers
    }

    private static func layers(of text: [UInt8], _ steps: [Step]) -> (layers: [DecodedText], hidesText: Bool) {
        var layers: [DecodedText] = []
        var hidesText = false
        for step in steps {
            guard let next = step.decode(layers.last?.bytes ?? text) else { continue }
            if step == .visible { hidesText = true }
            layers.append(layers.last.map(next.mapped) ?? next)
        }
        return (layers, hidesText)
    }

    /// Where a range of `bytes` comes from in the original.
    func source(of range: Range<Int>) -> Range<Int> {
        guard let first = range.first, let last = range.last else { return 0..<0 }
        return origins[first].lowerBound..<origins[last].upperBound
    }

    private func mapped(to outer: DecodedText) -> DecodedText {
        var copy = self
        copy.origins = origins.map(outer.source)
        return copy
    }

    private mutating func append(_ new: some Sequence<UInt8>, from range: Range<Int>) {
        for byte in new {
            bytes.append(byte)
            origins.append(range)
        }
    }

    /// Copies `text`, except where `decode` finds something at the position of a byte that `starts` it: the range
    /// that it takes up and the bytes that it stands for. Nil when there is nothing to decode.
    private static func decoding(
        _ text: [UInt8], where starts: (UInt8) -> Bool,
        _ decode: (Int) -> (end: Int, bytes: [UInt8])?
    ) -> DecodedText? {
        guard text.contains(where: starts) else { return nil }
        var result = DecodedText()
        var position = 0
        var isChanged = false
        while position < text.count {
            if starts(text[position]), let (end, bytes) = decode(position) {
                result.append(bytes, from: position..<end)
                position = end
                isChanged = true
            } else {
                result.append(CollectionOfOne(text[position]), from: position..<position + 1)
                position += 1
            }
        }
        return isChanged ? result : nil
    }

    /// The last of the layers without line breaks and the indentation after them; nil when there are none.
    static func unwrapped(_ text: [UInt8], after layer: DecodedText?) -> DecodedText? {
        guard let joined = unwrapped(layer?.bytes ?? text) else { return nil }
        return layer.map(joined.mapped) ?? joined
    }

    // MARK: The steps

    /// Without escape sequences, control characters and characters that have no shape.
    private static func visible(_ text: [UInt8]) -> DecodedText? {
        let starts = { (byte: UInt8) in byte < 0x20 || byte == 0x7F || byte >= 0xC2 }
        return decoding(text, where: starts) { position in
            if let end = TerminalEscape.end(at: position, in: text) { return (end, []) }
            if text[position] < 0x80 {
                let isSpace = [UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(text[position])
                return isSpace ? nil : (position + 1, [])
            }
            guard let scalar = scalar(at: position, in: text) else { return nil }
            let properties = scalar.properties
            let isHidden =
                [.control, .format].contains(properties.generalCategory) || properties.isDefaultIgnorableCodePoint
            return !isHidden ? nil : (position + UTF8.width(scalar), [])
        }
    }

    private static func scalar(at position: Int, in text: [UInt8]) -> Unicode.Scalar? {
        var iterator = text[position...].prefix(4).makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return scalar
    }

    private static func json(_ text: [UInt8]) -> DecodedText? {
        decoding(text, where: { $0 == UInt8(ascii: "\\") }) { position in
            guard position + 1 < text.count else { return nil }
            let end = position + 2
            switch text[position + 1] {
            case UInt8(ascii: "n"): return (end, [0x0A])
            case UInt8(ascii: "r"): return (end, [0x0D])
            case UInt8(ascii: "t"): return (end, [0x09])
            case UInt8(ascii: "b"): return (end, [0x08])
            case UInt8(ascii: "f"): return (end, [0x0C])
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return (end, [text[position + 1]])
            case UInt8(ascii: "u"): return unicodeEscape(at: position, in: text)
            default: return nil
            }
        }
    }

    private static func unicodeEscape(at position: Int, in text: [UInt8]) -> (end: Int, bytes: [UInt8])? {
        guard let first = codeUnit(at: position, in: text) else { return nil }
        if let scalar = Unicode.Scalar(first) { return (position + 6, Array(String(scalar).utf8)) }
        guard UTF16.isLeadSurrogate(first), let second = codeUnit(at: position + 6, in: text),
            UTF16.isTrailSurrogate(second)
        else { return nil }
        let scalar = UTF16.decode(UTF16.EncodedScalar([first, second]))
        return (position + 12, Array(String(scalar).utf8))
    }

    private static func codeUnit(at position: Int, in text: [UInt8]) -> UInt16? {
        guard position + 6 <= text.count, text[position...].starts(with: #"\u"#.utf8) else { return nil }
        return hexadecimal(text[(position + 2)..<(position + 6)])
    }

    static func percentDecoded(_ text: String) -> String {
        percent(Array(text.utf8)).map { String(decoding: $0.bytes, as: UTF8.self) } ?? text
    }

    private static func percent(_ text: [UInt8]) -> DecodedText? {
        decoding(text, where: { $0 == UInt8(ascii: "%") }) { position in
            guard position + 3 <= text.count, let code = hexadecimal(text[(position + 1)..<(position + 3)]) else {
                return nil
            }
            return (position + 3, [UInt8(truncatingIfNeeded: code)])
        }
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private static func unwrapped(_ text: [UInt8]) -> DecodedText? {
        let isBreak = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
        let isBlank = { (byte: UInt8) in isBreak(byte) || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        return decoding(text, where: isBreak) { position in
            (text[position...].firstIndex { !isBlank($0) } ?? text.count, [])
        }
    }
}
