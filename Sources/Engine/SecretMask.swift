import FoundationEssentials

/// Takes secret values out of text before it leaves the process: as they are, in base64, percent-encoded and inside
/// JSON strings, and everything that looks like a LangSmith key.
package struct SecretMask: Sendable {
    package static let replacement = "***"
    /// Shorter values would blank out ordinary words.
    private static let shortestSecret = 6
    private static let keyPrefixes = [ByteNeedle("lsv2_pt_"), ByteNeedle("lsv2_sk_")]

    private let needles: [ByteNeedle]

    package init(secrets: [String] = []) {
        var found: Set<String> = []
        for secret in secrets {
            for line in [secret] + secret.split(whereSeparator: \.isNewline).map(String.init)
            where line.utf8.count >= Self.shortestSecret {
                found.formUnion(Self.spellings(of: line))
            }
        }
        needles = found.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.map(ByteNeedle.init)
    }

    /// Compares bytes, not characters: a mark that joins the last letter of a secret would hide it otherwise.
    package func redact(_ text: String) -> String {
        guard needles.contains(where: text.contains) || Self.keyPrefixes.contains(where: text.contains) else {
            return text
        }
        var bytes = Array(text.utf8)
        for needle in needles {
            bytes = needle.replaced(in: bytes, with: Self.replacement.utf8)
        }
        for prefix in Self.keyPrefixes {
            bytes = prefix.replaced(in: bytes, with: Self.replacement.utf8, andWhile: Self.belongsToKey)
        }
        return String(decoding: bytes, as: UTF8.self)
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

extension String {
    fileprivate func contains(_ needle: ByteNeedle) -> Bool {
        var text = self
        return text.withUTF8 { needle.position(in: UnsafeRawBufferPointer($0)) != nil }
    }
}
