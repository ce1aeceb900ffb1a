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
