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
        let parts = segment.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
        var bytes = parts.first.map(Array.init) ?? []
        for part in parts.dropFirst() {
            let digits = String(decoding: part.prefix(2), as: UTF8.self)
            if let byte = UInt8(digits, radix: 16), byte == UInt8(ascii: ".") || separators.contains(byte) {
                bytes += [byte] + part.dropFirst(2)
            } else {
                bytes += [UInt8(ascii: "%")] + part
            }
        }
        return bytes
    }
}
