import Foundation

/// A repository's URL in one form, so that https, ssh, scp-like and `.git` spellings of it are equal.
struct RepositoryAddress: Hashable, Sendable {
    /// `host/path` for a remote; an absolute path for a local one.
    let canonical: String

    init(_ text: String) {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        if trimmed.hasPrefix("/") {
            canonical = Self.local(trimmed)
        } else if let match = trimmed.wholeMatch(of: /(?<scheme>[A-Za-z+]+):\/\/(?<rest>.*)/) {
            let rest = String(match.rest)
            canonical = match.scheme.lowercased() == "file" ? Self.local(rest) : Self.remote(rest)
        } else if let match = trimmed.wholeMatch(of: /(?<host>[^\/:]+):(?<path>.+)/) {
            canonical = Self.remote("\(match.host)/\(match.path)")
        } else {
            canonical = trimmed
        }
    }

    var isLocal: Bool { canonical.hasPrefix("/") }

    /// The last two names of the path, as GitHub calls them.
    var ownerAndName: (owner: String, name: String) {
        let parts = canonical.split(separator: "/")
        return (parts.dropLast().last.map(String.init) ?? "local", parts.last.map(String.init) ?? "repository")
    }

    private static func local(_ path: String) -> String {
        let decoded = path.removingPercentEncoding ?? path
        return URL(filePath: decoded).standardizedFileURL.path(percentEncoded: false).droppingTail()
    }

    private static func remote(_ text: String) -> String {
        let withoutUser = text.split(separator: "@", maxSplits: 1).last.map(String.init) ?? text
        let parts = withoutUser.split(separator: "/", maxSplits: 1)
        let host = parts.first?.split(separator: ":").first.map { $0.lowercased() } ?? ""
        return "\(host)/\(parts.dropFirst().first ?? "")".droppingTail()
    }
}

extension String {
    fileprivate func droppingTail() -> String {
        var text = self
        while text.count > 1, text.hasSuffix("/") { text.removeLast() }
        return text.hasSuffix(".git") && !text.hasSuffix("/.git") ? String(text.dropLast(4)) : text
    }
}
