/// An untrusted address that is safe to link to: http or https, no user info, and no character that could end the link
/// or hide its target.
struct WebLink: Equatable {
    /// Longer than the address of any page of a control plane.
    static let maximumLength = 2048

    let address: String

    /// Nil for anything else.
    init?(_ text: String?) {
        guard let text, text.utf8.count <= Self.maximumLength, text.utf8.allSatisfy(Self.isHarmless) else { return nil }
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, ["http:", "https:"].contains(parts[0].lowercased()), parts[1].isEmpty,
            !parts[2].isEmpty, !parts[2].contains("@")
        else { return nil }
        address = text
    }

    /// Printable ASCII without the characters that markup gives a meaning.
    private static func isHarmless(_ byte: UInt8) -> Bool {
        guard (0x21...0x7E).contains(byte) else { return false }
        return !#"<>"'`\^{}|()[]"#.utf8.contains(byte)
    }
}

extension WebLink {
    /// The page of a commit, on hosts whose address format is known.
    init?(commit: String, of remoteURL: String?) {
        guard commit.count >= 7, commit.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            let repository = WebLink(remoteURL)?.address
        else { return nil }
        let host = repository.split(separator: "/").dropFirst().first.map { $0.lowercased() } ?? ""
        var base = repository[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        if base.hasSuffix(".git") { base = base.dropLast(4) }
        if host.contains("gitlab") {
            self.init("\(base)/-/commit/\(commit)")
        } else if host.contains("bitbucket") {
            self.init("\(base)/commits/\(commit)")
        } else if host.contains("github") {
            self.init("\(base)/commit/\(commit)")
        } else {
            return nil
        }
    }
}
