import FoundationEssentials
import Redaction

/// The address of a control plane and the setting that supplied it.
package struct ControlPlaneAddress: Sendable, Equatable {
    /// Absolute, without a trailing slash, with a path such as `/api-host` if there is one.
    package let baseURL: String
    /// The flag or variable that supplied it, or `default`.
    package let source: String

    /// The US region of the LangSmith cloud.
    package static let usCloud = "https://api.host.langchain.com"

    /// Throws `ControlPlaneError` if `text` is not an http or https URL, or contains a login, a query or a fragment.
    package init(_ text: String, source: String) throws(ControlPlaneError) {
        let hint = "use https://HOST, https://HOST/api-host for a self-hosted control plane, or 'local'"
        if let port = URLComponents(string: text)?.port, !(1...65_535).contains(port) {
            throw ControlPlaneError(
                .configuration, "invalid port in \(source): \(port)", hint: "use a port from 1 to 65535")
        }
        guard let parts = URLComponents(string: text), Origin(ofURL: text) != nil else {
            throw ControlPlaneError(
                .configuration, "invalid URL in \(source): \(Self.shown(text))", hint: hint)
        }
        guard parts.user == nil, parts.password == nil else {
            throw ControlPlaneError(
                .configuration, "invalid URL in \(source): contains a user name or password", hint: hint)
        }
        guard parts.query == nil, parts.fragment == nil else {
            throw ControlPlaneError(
                .configuration, "invalid URL in \(source): contains a query or fragment: \(Self.shown(text))",
                hint: hint)
        }
        var trimmed = text
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        if let part = RequestPath.ambiguousPart(of: parts.percentEncodedPath.trimmingSlashes) {
            throw ControlPlaneError(
                .configuration, "invalid URL in \(source): '\(part)' can be read as another path: \(Self.shown(text))",
                hint: hint)
        }
        baseURL = trimmed
        self.source = source
    }

    /// The control plane in the name of a lock: the same for every spelling of its address.
    package var lockName: String {
        guard let origin = Origin(ofURL: baseURL) else { return baseURL }
        let path = URLComponents(string: baseURL)?.percentEncodedPath ?? ""
        return "\(origin.scheme)://\(origin.isLoopback ? "localhost" : origin.host):\(origin.port)\(path)"
    }

    /// The name of a lock with every URL in it in that form.
    @Sendable package static func canonicalLockName(_ name: String) -> String {
        name.split(separator: " ", omittingEmptySubsequences: false).map { word in
            (try? ControlPlaneAddress(String(word), source: "lock"))?.lockName ?? String(word)
        }.joined(separator: " ")
    }

    /// Whether the key would be sent over the network unencrypted.
    package var sendsKeyInClear: Bool {
        guard let origin = Origin(ofURL: baseURL) else { return false }
        return origin.scheme == "http" && !origin.isLoopback
    }

    /// The control plane of a LangSmith API: `/api-host` next to a self-hosted `/api` or `/api/v1`, and in the cloud
    /// the `host` of the same region.
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
        let redacted = Redactor().redact(URLCredentials.redacting(text))
        return TextSanitizer(escapesCICommands: false).line(redacted).cut(toScalars: 200)
    }
}

/// The control plane that a command uses: the local one of this machine, or a remote one.
package enum ControlPlaneLocation: Sendable, Equatable {
    case local
    case remote(ControlPlaneAddress)

    /// `flag` is the value of `--control-plane`; it overrides the environment, which overrides `fallback`. An empty
    /// variable counts as unset.
    ///
    /// Throws `ControlPlaneError` if the first setting found is not a valid address.
    package static func resolve(
        flag: String?, environment: [String: String],
        fallback: () throws(ControlPlaneError) -> ControlPlaneLocation? = { nil }
    ) throws(ControlPlaneError) -> ControlPlaneLocation {
        if let flag { return try ControlPlaneLocation(flag, source: "--control-plane") }
        for name in ["SLIPWAY_CONTROL_PLANE", "LANGGRAPH_HOST_URL", "CONTROL_PLANE_HOST"] {
            if let text = environment.value(of: name) { return try ControlPlaneLocation(text, source: name) }
        }
        let endpoint = "LANGSMITH_ENDPOINT"
        if let text = environment.value(of: endpoint) {
            return .remote(try ControlPlaneAddress(langSmithEndpoint: text, source: endpoint))
        }
        if let location = try fallback() { return location }
        return .remote(try ControlPlaneAddress(ControlPlaneAddress.usCloud, source: "default"))
    }

    /// `text` is a URL or `local`. Throws `ControlPlaneError`.
    package init(_ text: String, source: String) throws(ControlPlaneError) {
        self = text == "local" ? .local : .remote(try ControlPlaneAddress(text, source: source))
    }
}

extension [String: String] {
    /// The value of a variable without surrounding whitespace; nil if it is unset or empty.
    func value(of name: String) -> String? {
        guard let text = self[name]?.trimmingWhitespace, !text.isEmpty else { return nil }
        return text
    }
}

extension String {
    /// Without the slashes at its end.
    fileprivate var trimmingSlashes: String { String(reversed().drop { $0 == "/" }.reversed()) }
}
