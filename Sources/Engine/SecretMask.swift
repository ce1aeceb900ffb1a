import FoundationEssentials

/// Takes secret values out of text before it leaves the process: as they are, in base64, percent-encoded and inside
/// JSON strings, and everything that looks like a LangSmith key.
package struct SecretMask: Sendable {
    package static let replacement = "***"
    /// Shorter values would blank out ordinary words.
    private static let shortestSecret = 6
    private static let keyPrefixes = ["lsv2_pt_", "lsv2_sk_"]

    private let needles: [String]

    package init(secrets: [String] = []) {
        var found: Set<String> = []
        for secret in secrets {
            for line in [secret] + secret.split(whereSeparator: \.isNewline).map(String.init)
            where line.utf8.count >= Self.shortestSecret {
                found.formUnion(Self.spellings(of: line))
            }
        }
        needles = found.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    package func redact(_ text: String) -> String {
        var result = text
        for needle in needles where result.contains(needle) {
            result = result.replacing(needle, with: Self.replacement)
        }
        for prefix in Self.keyPrefixes where result.contains(prefix) {
            result = Self.redactKeys(startingWith: prefix, in: result)
        }
        return result
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
            let isPlain = byte < 128 && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if isPlain || "-._~".unicodeScalars.contains(scalar) { return String(scalar) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private static func redactKeys(startingWith prefix: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let match = rest.firstRange(of: prefix) {
            let tail = rest[match.upperBound...].drop { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            result += rest[..<match.lowerBound] + replacement
            rest = tail
        }
        return result + rest
    }
}
