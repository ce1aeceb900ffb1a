import Redaction

/// The proxies that the environment names, as libcurl reads them.
package struct ProxySettings: Sendable {
    private let environment: [String: String]

    package init(environment: [String: String]) {
        self.environment = environment
    }

    /// The logins of all proxies, to be redacted.
    var secrets: [String] { URLCredentials.ofProxies(in: environment) }

    /// The variable with the proxy for a server, if its value is not the URL of a proxy. libcurl may take a part of the
    /// password for the host, and its errors repeat the login.
    func invalidVariable(for server: Origin) -> String? {
        // libcurl ignores HTTP_PROXY, which a web server's client may set through CGI.
        let own = server.scheme == "http" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]
        let variable = (own + ["all_proxy", "ALL_PROXY"]).first { environment[$0]?.isEmpty == false }
        guard let variable, let value = environment[variable], !Self.isProxyURL(value), !isExempt(server) else {
            return nil
        }
        return variable
    }

    /// Whether NO_PROXY names the server, or may do so by an address range, which only libcurl compares.
    private func isExempt(_ server: Origin) -> Bool {
        let list = ["no_proxy", "NO_PROXY"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return list.lowercased().split { $0 == "," || $0 == " " }.contains { entry in
            let domain = entry.drop { $0 == "." }
            return entry == "*" || entry.contains("/") || ("." + server.host).hasSuffix("." + domain)
        }
    }

    /// Stricter than libcurl: a character of a password that ends the host must be percent-encoded.
    static func isProxyURL(_ value: String) -> Bool {
        var rest = value[...]
        if let separator = value.firstRange(of: "://") {
            guard schemes.contains(value[..<separator.lowerBound].lowercased()) else { return false }
            rest = value[separator.upperBound...]
        }
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !rest[authority.endIndex...].contains("@") else { return false }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let server = parts.last, !authority.contains(where: \.isWhitespace) else {
            return false
        }
        return isServer(server)
    }

    /// `host`, `host:port` or `[address]:port`.
    private static func isServer(_ text: Substring) -> Bool {
        let isLiteral = text.first == "["
        let hostEnd = isLiteral ? text.lastIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
        let host = text[..<(hostEnd ?? text.endIndex)]
        let port = text[host.endIndex...]
        guard port.isEmpty || (port.first == ":" && port.dropFirst().allSatisfy { ("0"..."9").contains($0) }),
            port.count < 2 || (Int(port.dropFirst()).map { 1...65_535 ~= $0 } ?? false)
        else { return false }
        if isLiteral { return host.count > 2 && host.last == "]" }
        return !host.isEmpty && host.unicodeScalars.allSatisfy { !$0.isASCII || isNameCharacter($0) }
    }

    private static func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || ".-_".unicodeScalars.contains(scalar)
    }

    private static let schemes: Set<String> = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
}
