/// A container image as `--image` names it: `registry/name:tag@sha256:…`.
package struct ImageReference: Sendable, Equatable, CustomStringConvertible {
    private static let digestLengths = ["sha256": 64, "sha512": 128]

    package let text: String
    /// `sha256:…`; nil when a tag alone, which may come to mean another image, names it.
    package let digest: String?

    package init(_ text: String) {
        self.text = text
        digest = text.lastIndex(of: "@").map { text[text.index(after: $0)...].lowercased() }
    }

    package var description: String { text }

    /// What is wrong with it; nil for one that can be pulled.
    package var problem: String? {
        let name = text.prefix { $0 != "@" }
        if name.isEmpty { return "it has no name" }
        if text.contains("://") { return "an image has no scheme" }
        guard text.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "#" && $0 != "?" }) else {
            return "it has characters that no image has"
        }
        guard text.contains("@") else { return nil }
        return Self.isDigest(digest ?? "") && text.count(where: { $0 == "@" }) == 1 ? nil : "its digest is malformed"
    }

    /// Whether both are the same image: with digests these alone tell, else every letter does.
    package func isSame(as other: ImageReference) -> Bool {
        if let digest, let theirs = other.digest { return digest == theirs }
        return text == other.text
    }

    private static func isDigest(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let algorithm = parts.first, let hex = parts.dropFirst().first, parts.count == 2 else { return false }
        return digestLengths[String(algorithm)] == hex.count && hex.allSatisfy(\.isHexDigit)
    }
}
