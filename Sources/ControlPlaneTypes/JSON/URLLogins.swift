/// Finds the logins of URLs in a text: `https://TOKEN@host`, `postgres://user:password@host`.
enum URLLogins {
    /// The text with each login replaced by `***`, and the logins. The name alone before a host, as in
    /// `ssh://git@host`, counts only for http and https, where it is a token.
    static func hidden(in text: String) -> (text: String, logins: [String]) {
        let bytes = Array(text.utf8)
        var clean: [UInt8] = []
        var logins: [String] = []
        var copied = 0
        var position = 0
        while let separator = next("://", in: bytes, from: position) {
            let start = separator + 3
            let authority = bytes[start...].prefix { !isDelimiter($0) }
            position = authority.endIndex
            guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { continue }
            let login = bytes[start..<at]
            guard login.contains(UInt8(ascii: ":")) || isWeb(bytes[..<separator]) else { continue }
            logins.append(String(decoding: login, as: UTF8.self))
            clean += bytes[copied..<start]
            clean += "***".utf8
            copied = at
        }
        clean += bytes[copied...]
        return (String(decoding: clean, as: UTF8.self), logins)
    }

    private static func next(_ mark: String, in bytes: [UInt8], from start: Int) -> Int? {
        let mark = Array(mark.utf8)
        return bytes[start...].indices.first { bytes[$0...].starts(with: mark) }
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte <= 0x20 || #"/?#"'<>\"#.utf8.contains(byte)
    }

    private static func isWeb(_ before: ArraySlice<UInt8>) -> Bool {
        let end = String(decoding: before.suffix(5), as: UTF8.self).lowercased()
        return end.hasSuffix("http") || end == "https"
    }
}
