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

/// Which control plane a command is about: the embedded one of this machine, or one behind an address.
package enum ControlPlaneLocation: Sendable, Equatable {
    case local
    case remote(ControlPlaneAddress)

    /// `flag` is the value of `--control-plane`; it beats the environment, where an empty variable counts as unset.
    ///
    /// Throws `ControlPlaneError` when the first that is set is no usable address.
    package static func resolve(
        flag: String?, environment: [String: String]
    ) throws(ControlPlaneError) -> ControlPlaneLocation {
        if let flag { return try location(flag, source: "--control-plane") }
        for name in ["SLIPWAY_CONTROL_PLANE", "LANGGRAPH_HOST_URL", "CONTROL_PLANE_HOST"] {
            if let text = environment.value(of: name) { return try location(text, source: name) }
        }
        let endpoint = "LANGSMITH_ENDPOINT"
        if let text = environment.value(of: endpoint) {
            return .remote(try ControlPlaneAddress(langSmithEndpoint: text, source: endpoint))
        }
        return .remote(try ControlPlaneAddress(ControlPlaneAddress.usCloud, source: "default"))
    }

    private static func location(
        _ text: String, source: String
    ) throws(ControlPlaneError) -> ControlPlaneLocation {
        text == "local" ? .local : .remote(try ControlPlaneAddress(text, source: source))
    }
}

extension [String: String] {
    /// A variable without the blanks around it; an empty one counts as unset.
    func value(of name: String) -> String? {
        guard let text = self[name]?.trimmingBlanks, !text.isEmpty else { return nil }
        return text
    }
}

extension String {
    var trimmingBlanks: String {
        let start = drop(while: \.isWhitespace)
        return String(start.dropLast(start.reversed().prefix(while: \.isWhitespace).count))
    }
}
