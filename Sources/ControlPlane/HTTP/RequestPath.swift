/// Paths that servers, proxies and libcurl may read as another path: they resolve `.` and `..`, also percent-encoded ones,
/// and some join slashes.
package enum RequestPath {
    private static let separators: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "\\")]
    private static let resolved = [[], Array(".".utf8), Array("..".utf8)]

    /// The part of a path, which may have a query, that can be read as another path; nil without one.
    package static func ambiguousPart(of target: String) -> String? {
        let path = target.prefix { $0 != "?" }
        if path.firstRange(of: "//") != nil { return "//" }
        return path.split(separator: "/").first { segment in
            decoded(segment).split(omittingEmptySubsequences: false, whereSeparator: separators.contains)
                .contains { resolved.contains(Array($0.prefix { $0 != UInt8(ascii: ";") })) }
        }.map(String.init)
    }

    /// With the percent-encoded dots and separators as they are read.
    private static func decoded(_ segment: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let first = rest.first {
            let digits = rest.dropFirst().prefix(2)
            if first == UInt8(ascii: "%"), let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                digits.count == 2, byte == UInt8(ascii: ".") || separators.contains(byte)
            {
                bytes.append(byte)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }
}
