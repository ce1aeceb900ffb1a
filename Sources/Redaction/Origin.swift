import FoundationEssentials

/// The scheme, host and port of a URL; a key is sent to one origin only.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let host: String
    package let port: Int

    /// Nil if `url` is not an absolute http or https URL.
    package init?(ofURL url: String) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), !host.isEmpty,
            let defaultPort = Self.defaultPorts[scheme]
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = parts.port ?? defaultPort
    }

    package var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host == "[::1]"
            || Self.isLoopbackIPv4(host)
    }

    private static let defaultPorts = ["http": 80, "https": 443]

    /// Without a port that goes without saying.
    package var address: String { port == Self.defaultPorts[scheme] ? "\(scheme)://\(host)" : description }

    package var description: String { "\(scheme)://\(host):\(port)" }

    private static func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
