/// Replaces secrets in text with `***` before it is shown or stored, in whatever spelling they appear.
///
/// What looks like a LangSmith key, and the credentials in a URL, are secrets even when nobody names them.
package struct Redactor: Sendable {
    package static let replacement = "***"
    /// In bytes. Shorter values occur by chance everywhere, so they are not redacted; see `warning`.
    package static let shortestSecret = 4

    private var search: SecretSearch

    package init(secrets: [String] = []) {
        search = SecretSearch(secrets: secrets)
    }

    /// Hides a secret that became known later, too.
    package mutating func add(_ secret: String) {
        search.add(secret)
    }

    /// Whether a secret would remain visible.
    package static func isTooShort(_ secret: String) -> Bool {
        !secret.isEmpty && secret.utf8.count < shortestSecret
    }

    /// The warning that a secret remains visible; nil for one that is redacted.
    package static func warning(of secret: String, named name: String) -> String? {
        guard isTooShort(secret) else { return nil }
        return "secret '\(name)' is too short to be redacted: use at least \(shortestSecret) bytes"
    }

    package func redact(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let found = search.ranges(in: bytes)
        return found.isEmpty ? text : String(decoding: Self.replacing(found, in: bytes), as: UTF8.self)
    }

    /// Redacts lines of one text together: base64 is often wrapped, so that a secret spans several lines.
    package func redact(_ lines: [String]) -> [String] {
        guard lines.count > 1, !lines.contains(where: { $0.utf8.contains(Self.lineFeed) }) else {
            return lines.map { redact($0) }
        }
        let redacted = redact(lines.joined(separator: "\n"))
        return redacted.utf8.split(separator: Self.lineFeed, omittingEmptySubsequences: false).map { String($0) ?? "" }
    }

    /// Ranges that overlap are replaced as one, so that no end of a secret remains. Line breaks stay.
    static func replacing(_ ranges: [Range<Int>], in bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var end = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > end {
            if range.lowerBound >= end {
                result += bytes[end..<range.lowerBound]
                result += replacement.utf8
            }
            for (index, byte) in zip(range.indices, bytes[range]) where index >= end && byte == lineFeed {
                result.append(byte)
                if index + 1 < range.upperBound { result += replacement.utf8 }
            }
            end = range.upperBound
        }
        return result + bytes[end...]
    }

    private static var lineFeed: UInt8 { UInt8(ascii: "\n") }
}
