import FoundationEssentials

/// Where the control plane is, and who said so.
package struct ControlPlaneAddress: Sendable, Equatable {
    /// Absolute, without a trailing slash; a path such as `/api-host` belongs to it.
    package let baseURL: String
    /// The flag or variable it comes from, or `default`.
    package let source: String

    /// The service's own cloud in the US.
    package static let usCloud = "https://api.host.langchain.com"

    /// Throws `ControlPlaneError` when `text` is no http or https URL, or carries a login, a query or a fragment.
    package init(_ text: String, source: String) throws(ControlPlaneError) {
        let hint = "give it as https://HOST or, self-hosted, https://HOST/api-host"
        guard let parts = URLComponents(string: text), Origin(ofURL: text) != nil else {
            throw ControlPlaneError(
                .configuration, "\(source) is no http or https URL: \(Self.shown(text))", hint: hint)
        }
        guard parts.user == nil, parts.password == nil else {
            throw ControlPlaneError(.configuration, "\(source) holds a user name or password", hint: hint)
        }
        guard parts.query == nil, parts.fragment == nil else {
            throw ControlPlaneError(
                .configuration, "\(source) has a query or fragment: \(Self.shown(text))", hint: hint)
        }
        var trimmed = text
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        baseURL = trimmed
        self.source = source
    }

    /// Whether a key would cross the network unencrypted.
    package var sendsKeyInClear: Bool {
        guard let origin = Origin(ofURL: baseURL) else { return false }
        return origin.scheme == "http" && !origin.isLoopback
    }

    /// The control plane that belongs to a LangSmith API: `/api-host` beside a self-hosted `/api` or `/api/v1`, and in
    /// the cloud the `host` of the same region.
    package init(langSmithEndpoint text: String, source: String) throws(ControlPlaneError) {
        let endpoint = try ControlPlaneAddress(text, source: source)
        let cloud = ".smith.langchain.com"
        if let origin = Origin(ofURL: endpoint.baseURL), ("." + origin.host).hasSuffix(".api" + cloud) {
            let region = origin.host.dropLast(cloud.count)
            try self.init("\(origin.scheme)://\(region).host.langchain.com", source: source)
            return
        }
        var base = endpoint.baseURL
        if let suffix = ["/api/v1", "/api"].first(where: base.hasSuffix) { base.removeLast(suffix.count) }
        try self.init(base + "/api-host", source: source)
    }

    /// Enough to recognise a typo by; what precedes an `@` may be a password.
    private static func shown(_ text: String) -> String {
        let printable = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
        let tail = String(String.UnicodeScalarView(printable)).split(separator: "@").last ?? ""
        return String(tail.prefix(200))
    }
}
