import FoundationEssentials

/// Takes secret values out of text before it leaves the process: as they are, in base64, percent-encoded and inside
/// JSON strings, and everything that looks like a LangSmith key.
package struct SecretMask: Sendable {
    package static let replacement = "***"
    /// Shorter values would blank out ordinary words.
    private static let shortestSecret = 6
    private static let keyPrefixes = [ByteNeedle("lsv2_pt_"), ByteNeedle("lsv2_sk_")]

    private let needles: Set<ByteNeedle>
    /// Secrets that have other spellings in Unicode, which other programs may print.
    private let accented: [String]

    package init(secrets: [String] = []) {
        let lines = secrets.flatMap { [$0] + $0.split(whereSeparator: \.isNewline).map(String.init) }
            .filter { $0.utf8.count >= Self.shortestSecret }
        needles = Set(lines.flatMap(Self.spellings).map(ByteNeedle.init))
        accented = lines.filter { !$0.utf8.allSatisfy { $0 < 0x80 } }
    }

    /// Compares bytes, not characters: a mark that joins the last letter of a secret would hide it otherwise.
    package func redact(_ text: String) -> String {
        var result = text
        let covered = result.withUTF8 { places(in: UnsafeRawBufferPointer($0)) }
        if !covered.isEmpty { result = Self.covering(covered, in: result) }
        for secret in accented where result.contains(secret) {
            result = result.replacing(secret, with: Self.replacement)
        }
        return result
    }

    private func places(in text: UnsafeRawBufferPointer) -> [Range<Int>] {
        var places: [Range<Int>] = []
        for needle in needles { places += needle.ranges(in: text) }
        for prefix in Self.keyPrefixes {
            places += prefix.ranges(in: text).map { place in
                place.lowerBound..<(text[place.upperBound...].firstIndex { !Self.belongsToKey($0) } ?? text.count)
            }
        }
        return places
    }

    /// Places that overlap are covered as one, so that no end of a secret is left of them.
    private static func covering(_ places: [Range<Int>], in text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var end = 0
        for place in places.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if place.lowerBound >= end {
                result += bytes[end..<place.lowerBound]
                result += replacement.utf8
            }
            end = max(end, place.upperBound)
        }
        return String(decoding: result + bytes[end...], as: UTF8.self)
    }

    private static func belongsToKey(_ byte: UInt8) -> Bool {
        let character = Unicode.Scalar(byte)
        return character.isASCII
            && (character.properties.isAlphabetic || "_0123456789".unicodeScalars.contains(character))
    }

    private static func spellings(of secret: String) -> [String] {
        let quoted = (try? JSONEncoder().encode(secret)).map {
            String(decoding: $0.dropFirst().dropLast(), as: UTF8.self)
        }
        let base64 = Data(secret.utf8).base64EncodedString().replacing("=", with: "")
        return [secret, base64, percentEncoded(secret), quoted].compactMap(\.self)
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            if belongsToKey(byte) || "-.~".unicodeScalars.contains(scalar) { return String(scalar) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
