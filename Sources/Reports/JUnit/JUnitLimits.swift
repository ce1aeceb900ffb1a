/// How much text a JUnit report holds. GitLab takes 30 MB a file, libxml2 10 MB a text.
struct JUnitLimits {
    static let maximumBytes = 20 << 20

    /// Bytes of `system-out` of a case.
    var output: Int
    /// Bytes of any other text.
    var text: Int
    /// Bytes of an attribute.
    var attribute: Int

    static let everSmaller = [
        JUnitLimits(output: 64 << 10, text: 1 << 20, attribute: 4096),
        JUnitLimits(output: 4 << 10, text: 16 << 10, attribute: 1024),
        JUnitLimits(output: 0, text: 1024, attribute: 256),
    ]
}

extension String {
    /// Head and tail, with a word about what was between them, when the text is longer than `bytes`.
    func middleOmitted(keeping bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        guard bytes > 0 else { return "" }
        let half = bytes / 2
        let head = String(decoding: utf8.prefix(half), as: UTF8.self)
        let tail = String(decoding: utf8.suffix(half), as: UTF8.self)
        return head + "\n… \(utf8.count - 2 * half) bytes omitted …\n" + tail
    }
}
