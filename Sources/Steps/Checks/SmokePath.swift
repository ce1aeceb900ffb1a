import ControlPlane
import Engine

/// A path of the agent that a smoke test requests, with or without a query.
package enum SmokePath {
    /// What is wrong with `path`, as what to use instead; nil when it can be requested as it stands.
    package static func problem(of path: String) -> String? {
        if path.isEmpty { return "a path such as /ok" }
        if isURL(path) { return "a path without scheme and host, such as /ok: the agent's address is known" }
        let isClean = path.utf8.allSatisfy { 0x21...0x7E ~= $0 && !forbidden.contains($0) }
        guard isClean, hasWholeEscapes(path) else {
            return "a percent-encoded path such as /ok?deep=true, without spaces, and each path by itself"
        }
        if let part = RequestPath.ambiguousPart(of: path) {
            return "the path that is meant: '\(part)' can be read as another one"
        }
        return nil
    }

    /// Throws `StepFailure` (usage) for the first path that cannot be requested: before anything is changed, since a smoke
    /// test that fails for its own path would roll back a good revision.
    static func check(_ paths: [String]) throws(StepFailure) {
        for path in paths {
            guard let problem = problem(of: path) else { continue }
            throw StepFailure(
                .usage, code: "InvalidSmokePath", "invalid path for a smoke test: '\(path.prefix(80))'",
                hint: "set --smoke to \(problem)")
        }
    }

    /// Never part of a request target (RFC 3986): they end it, or have to be percent-encoded.
    private static let forbidden = Set("\"#<>\\^`{|}".utf8)

    /// `https://…` or `//host/…`, but not a URL in a query.
    private static func isURL(_ path: String) -> Bool {
        let scheme = path.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        return path.dropFirst(scheme.count).hasPrefix("://") || path.hasPrefix("//")
    }

    /// Each `%` begins two hex digits.
    private static func hasWholeEscapes(_ path: String) -> Bool {
        path.split(separator: "%", omittingEmptySubsequences: false).dropFirst().allSatisfy {
            $0.count >= 2 && $0.prefix(2).allSatisfy(\.isHexDigit)
        }
    }
}
