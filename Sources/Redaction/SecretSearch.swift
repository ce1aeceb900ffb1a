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
        // The end of one line and the beginning of the next make no key and no URL.
        if let decoded = DecodedText.unwrapped(text, after: layers.last) {
            ranges += matches(in: decoded.bytes, includingKeys: false).map(decoded.source)
        }
        return ranges
    }

    /// The secret and each of its lines, with both kinds of line break.
    private static func parts(of secret: String) -> [String] {
        let lines = secret.split(whereSeparator: \.isNewline).map(String.init)
        let whole =
            lines.count > 1 ? [secret, lines.joined(separator: "\n"), lines.joined(separator: "\r\n")] : [secret]
        return (whole + lines).filter { $0.utf8.count >= Redactor.shortestSecret }
    }

    private func matches(in text: [UInt8], includingKeys: Bool = true) -> [Range<Int>] {
        guard let first = text.first else { return [] }
        var ranges: [Range<Int>] = []
        var prefix = UInt16(first)
        for (start, byte) in text.dropFirst().enumerated() {
            prefix = prefix << 8 | UInt16(byte)
            guard let candidates = needles[prefix] else { continue }
            for needle in candidates where text[start...].starts(with: needle.bytes) {
                if !includingKeys && needle.surroundings == .key { continue }
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
        /// The rest of a key.
        case key
    }

    let bytes: [UInt8]
    var surroundings = Surroundings.none

    /// LangSmith's keys of persons and of services.
    static let keyPrefixes = ["lsv2_pt_", "lsv2_sk_"].map { Needle(bytes: Array($0.utf8), surroundings: .key) }

    static func spellings(of secret: [UInt8]) -> [Needle] {
        var spellings = [Needle(bytes: secret)]
        // HTML forms write a space this way.
        if secret.contains(UInt8(ascii: " ")) {
            spellings.append(Needle(bytes: secret.map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "+") : $0 }))
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
        }
        return spellings
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
