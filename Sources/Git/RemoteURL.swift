/// This is the URL of a repository, in any form that git accepts, without user name and password.
package struct RemoteURL: Equatable, Sendable, CustomStringConvertible {
    private enum Location: Equatable, Sendable {
        case network(host: String, port: String?, path: String)
        /// An ssh host that only the ssh configuration of this machine can resolve.
        case alias(host: String, path: String)
        case file(path: String)
    }

    private let location: Location

    /// - Parameter root: the folder that a relative path is resolved against.
    package init(_ text: String, relativeTo root: String = "/") {
        location = Self.location(text, root: root)
    }

    /// The https URL without user info and `.git`; a path on this machine becomes a `file://` URL and keeps `.git`. An
    /// ssh host that is an alias stays an `ssh://` URL.
    package var https: String {
        switch location {
        case .network(let host, let port, let path): "https://\(host)\(port.map { ":\($0)" } ?? "")/\(path)"
        case .alias(let host, let path): "ssh://\(host)/\(path)"
        case .file(let path): "file://\(path)"
        }
    }

    /// Whether the host is a name that only this machine knows, such as `github-work` in its ssh configuration.
    package var isAlias: Bool {
        if case .alias = location { true } else { false }
    }

    /// Whether one URL has an alias for a host, and the same path as the other.
    func couldBe(_ other: RemoteURL) -> Bool {
        switch (location, other.location) {
        case (.alias(_, let path), .network(_, _, let otherPath)), (.network(_, _, let path), .alias(_, let otherPath)):
            path.lowercased() == otherPath.lowercased()
        default: false
        }
    }

    /// Safe to print.
    package var description: String { https }

    /// Whether both name the same repository: ssh or https, with or without a trailing slash and, on a host, `.git`.
    /// Hosts and their paths are compared without case; paths on disk are case-sensitive.
    package func isSameRepository(as other: RemoteURL) -> Bool {
        switch (location, other.location) {
        case (.network(let host, let port, let path), .network(let otherHost, let otherPort, let otherPath)):
            host == otherHost && port == otherPort && path.lowercased() == otherPath.lowercased()
        case (.alias(let host, let path), .alias(let otherHost, let otherPath)):
            host == otherHost && path.lowercased() == otherPath.lowercased()
        case (.file(let path), .file(let otherPath)): path == otherPath
        default: false
        }
    }

    private static func location(_ text: String, root: String) -> Location {
        if let scheme = text.firstRange(of: "://") {
            return url(scheme: text[..<scheme.lowerBound].lowercased(), rest: text[scheme.upperBound...])
        }
        // host:path, unless a slash precedes the colon: git takes that for a path.
        if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
            return network(
                authority: text[..<colon], path: text[text.index(after: colon)...], keepsPort: false, isSSH: true)
        }
        return .file(path: diskPath(text.hasPrefix("/") ? text : "\(root)/\(text)"))
    }

    private static func url(scheme: String, rest: Substring) -> Location {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = PercentDecoding.decoded(rest[slash...])
        if scheme == "file" { return .file(path: diskPath(path)) }
        // A port of ssh says nothing about the port of https.
        return network(
            authority: rest[..<slash], path: path[...], keepsPort: scheme == "https" || scheme == "http",
            isSSH: scheme.contains("ssh"))
    }

    private static func network(authority: Substring, path: Substring, keepsPort: Bool, isSSH: Bool) -> Location {
        // By scalars: a combining mark after the "@" must not make the login a part of the host.
        let login = authority.unicodeScalars.lastIndex(of: "@")
        let hostAndPort = login.map { authority[authority.unicodeScalars.index(after: $0)...] } ?? authority
        let parts = hostAndPort.split(separator: ":", maxSplits: 1)
        let host = (parts.first ?? "").lowercased()
        let port = parts.count == 2 && keepsPort && !["443", "80"].contains(parts[1]) ? String(parts[1]) : nil
        if isSSH, !isPublic(host) { return .alias(host: host, path: trimmed(path)) }
        return .network(host: sshHosts[host] ?? host, port: port, path: trimmed(path))
    }

    /// Whether the host can be a name in the DNS or an address: no top-level domain has a hyphen or a digit, but for
    /// those in Punycode.
    private static func isPublic(_ host: String) -> Bool {
        if host == "localhost" || host.hasPrefix("[") { return true }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, let last = labels.last else { return false }
        if last.hasPrefix("xn--") { return true }
        if labels.allSatisfy({ UInt8($0) != nil }) { return labels.count == 4 }
        return last.count > 1 && last.allSatisfy(\.isLetter)
    }

    /// The hosts that accept ssh on port 443.
    private static let sshHosts = [
        "ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com", "altssh.bitbucket.org": "bitbucket.org",
    ]

    private static func trimmed(_ path: Substring) -> String {
        let parts = path.split(separator: "/")
        return parts.enumerated().map { position, part in
            position == parts.count - 1 && part.hasSuffix(".git") && part != ".git" ? part.dropLast(4) : part
        }.joined(separator: "/")
    }

    /// Resolves `.` and `..` in the text. `.git` stays: a bare `agent.git` may be next to its clone `agent`.
    private static func diskPath(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// This decodes percent escapes in the path of a URL; invalid ones stay.
private enum PercentDecoding {
    static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let code = UInt8(String(digits) ?? "", radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
