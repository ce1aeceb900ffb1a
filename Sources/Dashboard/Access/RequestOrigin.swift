/// Where a request comes from, as its headers say.
struct RequestOrigin: Sendable, Equatable {
    var method: String
    var host: String?
    var origin: String?
    /// `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which scripts cannot set.
    var fetchSite: String?
    var fetchMode: String?

    enum Refusal: Sendable, Equatable {
        /// A name that resolves to this machine only now and then is not one of ours.
        case host
        case crossOrigin
    }

    /// Nil for a request that the dashboard may answer on `port`.
    func refusal(port: Int) -> Refusal? {
        guard let host, Self.names(port).contains(host.lowercased()) else { return .host }
        let isRead = method == "GET" || method == "HEAD"
        if let fetchSite, !["same-origin", "none"].contains(fetchSite) {
            // A link on another page may lead here; it brings no cookie.
            guard isRead, fetchMode == "navigate" else { return .crossOrigin }
        }
        if isRead { return nil }
        return origin?.lowercased() == "http://" + host.lowercased() ? nil : .crossOrigin
    }

    private static func names(_ port: Int) -> [String] {
        let names = ["127.0.0.1", "localhost", "[::1]"]
        return names.map { "\($0):\(port)" } + (port == 80 ? names : [])
    }
}
