/// Finds all spellings of secrets in a text, in time linear in the text.
///
/// Encodings that are decided byte by byte (JSON escapes, percent-encoding) are decoded in the text, so that every
/// mixture of them is found. Base64 depends on what precedes the secret, so its spellings are searched for.
struct SecretSearch: Sendable {
    /// By their first two bytes.
    private var needles: [UInt16: Set<Needle>] = [:]
    /// Secrets with several Unicode normal forms, as bytes: as strings their forms would be equal.
    private var accented: Set<[UInt8]> = []

    init(secrets: [String]) {
        add(Needle.keyPrefixes)
        for secret in secrets { add(secret) }
    }

    mutating func add(_ secret: String) {
        for value in Self.parts(of: secret).map({ Array($0.utf8) }) {
            add(Needle.spellings(of: value))
            if value.contains(where: { $0 >= 0x80 }) { accented.insert(value) }
        }
    }

    private mutating func add(_ new: [Needle]) {
        for needle in new {
            needles[UInt16(needle.bytes[0]) << 8 | UInt16(needle.bytes[1]), default: []].insert(needle)
        }
    }

    /// Where secrets are, unordered; ranges may overlap.
    func ranges(in text: [UInt8]) -> [Range<Int>] {
        let layers = DecodedText.layers(of: text)
        var ranges = matches(in: text) + URLCredentials.ranges(in: text)
        for decoded in layers {
            ranges += matches(in: decoded.bytes).map(decoded.source)
            ranges += URLCredentials.ranges(in: decoded.bytes).map(decoded.source)
        }
        // The end of one line and the beginning of the next make no key, no URL and no piece of base64.
        if let decoded = DecodedText.unwrapped(text, after: layers.last) {
            ranges += matches(in: decoded.bytes, isUnwrapped: true).map(decoded.source)
        }
        return ranges
    }

    /// The secret and each of its lines, with both kinds of line break, and each of them without the spaces around it,
    /// which programs remove.
    private static func parts(of secret: String) -> [String] {
        let lines = secret.split(whereSeparator: \.isNewline).map(String.init)
        let whole =
            lines.count > 1 ? [secret, lines.joined(separator: "\n"), lines.joined(separator: "\r\n")] : [secret]
        let parts = whole + lines
        return (parts + parts.compactMap(trimmed)).filter { $0.utf8.count >= Redactor.shortestSecret }
    }

    /// Nil when there is nothing to remove.
    private static func trimmed(_ text: String) -> String? {
        guard let start = text.firstIndex(where: { !$0.isWhitespace }),
            let end = text.lastIndex(where: { !$0.isWhitespace })
        else { return nil }
        let trimmed = text[start...end]
        return trimmed.count < text.count ? String(trimmed) : nil
    }

    private func matches(in text: [UInt8], isUnwrapped: Bool = false) -> [Range<Int>] {
        guard let first = text.first else { return [] }
        var ranges: [Range<Int>] = []
        var prefix = UInt16(first)
        for (start, byte) in text.dropFirst().enumerated() {
            prefix = prefix << 8 | UInt16(byte)
            guard let candidates = needles[prefix] else { continue }
            for needle in candidates where text[start...].starts(with: needle.bytes) {
                if isUnwrapped && needle.endsAtLineBreak { continue }
                ranges.append(needle.extent(from: start, in: text))
            }
        }
        return ranges + canonicalMatches(in: text)
    }

    /// Compares characters, as the standard library does: canonically equivalent spellings are equal.
    private func canonicalMatches(in text: [UInt8]) -> [Range<Int>] {
        guard !accented.isEmpty, text.contains(where: { $0 >= 0x80 }),
            let text = String(validating: text, as: UTF8.self)
        else { return [] }
        return accented.flatMap { text.ranges(of: String(decoding: $0, as: UTF8.self)) }.map { range in
            let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
            return start..<start + text.utf8.distance(from: range.lowerBound, to: range.upperBound)
        }
    }
}

/// Bytes to search for, at least two.
private struct Needle: Hashable, Sendable {
    /// What belongs to a match besides its bytes.
    enum Surroundings: Hashable, Sendable {
        case none
        /// The characters of base64 before and after it, each of which holds some bits of the secret.
        case base64(before: Bool, after: Bool)
        /// All base64 around it: it is a piece of a long secret.
        case base64Piece
        /// The rest of a key.
        case key
    }

    let bytes: [UInt8]
    var surroundings = Surroundings.none

    /// LangSmith's keys of persons and of services.
    static let keyPrefixes = ["lsv2_pt_", "lsv2_sk_"].map { Needle(bytes: Array($0.utf8), surroundings: .key) }

    /// Whether what surrounds a match is on its line.
    var endsAtLineBreak: Bool { surroundings == .key || surroundings == .base64Piece }

    static func spellings(of secret: [UInt8]) -> [Needle] {
        var spellings = [Needle(bytes: secret)]
        // HTML forms write a space this way.
        if secret.contains(UInt8(ascii: " ")) {
            spellings.append(Needle(bytes: secret.map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "+") : $0 }))
        }
        // Shells print it this way between single quotes.
        if secret.contains(UInt8(ascii: "'")) {
            spellings.append(Needle(bytes: secret.flatMap { $0 == UInt8(ascii: "'") ? Array(#"'\''"#.utf8) : [$0] }))
        }
        for alignment in 0..<3 {
            let plain = base64(of: secret, alignment: alignment)
            let forURLs = plain.bytes.map { byte in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }
            spellings += [plain, Needle(bytes: forURLs, surroundings: plain.surroundings)]
            spellings += pieces(of: plain.bytes) + pieces(of: forURLs)
        }
        return spellings
    }

    /// Tools wrap base64 after 60 characters or more, and lines can arrive one at a time. Any 24 characters of a longer
    /// spelling contain one of these pieces.
    private static func pieces(of base64: [UInt8]) -> [Needle] {
        guard base64.count >= 56 else { return [] }
        return stride(from: 0, through: base64.count - 16, by: 8).map { start in
            Needle(bytes: Array(base64[start..<start + 16]), surroundings: .base64Piece)
        }
    }

    /// The characters that depend on the secret alone when `alignment` bytes, modulo 3, precede it, as in
    /// `user:secret` of a Basic header.
    private static func base64(of secret: [UInt8], alignment: Int) -> Needle {
        let padded = [UInt8](repeating: 0, count: alignment) + secret
        let digits = stride(from: 0, to: padded.count * 8 - 5, by: 6).map { bit in
            let pair = UInt16(padded[bit / 8]) << 8 | (bit / 8 + 1 < padded.count ? UInt16(padded[bit / 8 + 1]) : 0)
            return base64Digits[Int(pair >> (10 - bit % 8)) & 63]
        }
        let surroundings = Surroundings.base64(before: alignment > 0, after: padded.count % 3 > 0)
        return Needle(bytes: Array(digits.dropFirst([0, 2, 3][alignment])), surroundings: surroundings)
    }

    func extent(from start: Int, in text: [UInt8]) -> Range<Int> {
        let end = start + bytes.count
        switch surroundings {
        case .none: return start..<end
        case .key: return start..<(text[end...].firstIndex { !Self.isKeyCharacter($0) } ?? text.count)
        case .base64(let before, let after):
            let reachesBack = before && start > 0 && Self.isBase64(text[start - 1])
            let reachesOn = after && end < text.count && Self.isBase64(text[end])
            return (reachesBack ? start - 1 : start)..<(reachesOn ? end + 1 : end)
        case .base64Piece:
            let before = text[..<start].lastIndex { !Self.isBase64($0) }
            return (before.map { $0 + 1 } ?? 0)..<(text[end...].firstIndex { !Self.isBase64($0) } ?? text.count)
        }
    }

    private static let base64Digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func isBase64(_ byte: UInt8) -> Bool {
        isKeyCharacter(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "-")
    }

    private static func isKeyCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
