/// Finds the credentials in URLs: `https://TOKEN@host`, `postgres://user:password@host`, `https://host/?token=TOKEN`.
package enum URLCredentials {
    /// What precedes the `@` of each URL, and the values of parameters that are named like secrets. A name alone, as in
    /// `ssh://git@host`, counts only for http and https, where it is a token.
    static func ranges(in text: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var (position, end) = (0, 0)
        while let colon = text[position...].firstIndex(of: UInt8(ascii: ":")) {
            position = colon + 1
            guard text[position...].starts(with: "//".utf8) else { continue }
            let start = colon + 3
            let authority = text[start...].prefix { !isDelimiter($0) }
            position = authority.endIndex
            // A URL inside another one has been looked at with it.
            if position >= end {
                let rest = text[position...].prefix { !isEnd($0) }
                end = rest.endIndex
                ranges += parameters(in: rest)
            }
            guard let at = authority.lastIndex(of: UInt8(ascii: "@")), at > start else { continue }
            if text[start..<at].contains(UInt8(ascii: ":")) || isWeb(text[..<colon]) { ranges.append(start..<at) }
        }
        return ranges
    }

    /// The values of secrets in what follows the host: `private_token` of `/a.git?private_token=TOKEN&b=1`.
    private static func parameters(in rest: ArraySlice<UInt8>) -> [Range<Int>] {
        guard rest.contains(UInt8(ascii: "=")) else { return [] }
        return rest.split { #"?&#;"#.utf8.contains($0) }.compactMap { pair in
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), equals + 1 < pair.endIndex,
                isSecret(String(decoding: pair[..<equals], as: UTF8.self))
            else { return nil }
            return equals + 1..<pair.endIndex
        }
    }

    private static func isSecret(_ name: String) -> Bool {
        if case .value = SecretKey(name) { return true }
        return ["signature", "sig"].contains(SecretKey.words(of: name).last)
    }

    /// The credentials in proxy variables (`HTTPS_PROXY`, `all_proxy`, …), which error messages of libraries repeat.
    /// Found in values that are no URL, too.
    package static func ofProxies(in environment: [String: String]) -> [String] {
        environment.filter { $0.key.lowercased().hasSuffix("_proxy") && $0.key.lowercased() != "no_proxy" }.values
            .flatMap(credentials)
    }

    /// What should be a URL, for an error message: its credentials are redacted even when it is not one.
    package static func redacting(_ value: String) -> String {
        guard let userInfo = userInfo(of: value) else { return value }
        return value[..<userInfo.startIndex] + Redactor.replacement + value[userInfo.endIndex...]
    }

    private static func credentials(ofProxy value: String) -> [String] {
        guard let userInfo = userInfo(of: value) else { return [] }
        let whole = [String(userInfo), DecodedText.percentDecoded(String(userInfo))]
        guard let colon = userInfo.firstIndex(of: ":") else { return whole }
        let password = userInfo[colon...].dropFirst()
        // A token can stand in place of the user, with an empty or a fixed password.
        let isToken = password.isEmpty || password == "x-oauth-basic"
        let secret = String(isToken ? userInfo[..<colon] : password)
        return whole + [secret, DecodedText.percentDecoded(secret)]
    }

    private static func userInfo(of value: String) -> Substring? {
        guard let at = value.lastIndex(of: "@") else { return nil }
        let start = value[..<at].firstRange(of: "://")?.upperBound ?? value.startIndex
        return value[start..<at]
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte <= 0x20 || #"/?#"'<>\"#.utf8.contains(byte)
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte <= 0x20 || #""'<>\`"#.utf8.contains(byte)
    }

    private static func isWeb(_ before: ArraySlice<UInt8>) -> Bool {
        let end = String(decoding: before.suffix(5), as: UTF8.self).lowercased()
        return end.hasSuffix("http") || end == "https"
    }
}
