import Foundation

/// The variables that a child inherits: a short list, so that the control plane's API key is never among them.
struct ChildEnvironment: Sendable {
    private let inherited: [String: String]

    init(
        inheriting environment: [String: String] = ProcessInfo.processInfo.environment,
        also isWanted: (String) -> Bool = { _ in false }
    ) {
        inherited = environment.filter { name, _ in
            Self.names.contains(name) || name.hasPrefix("LC_") || isWanted(name)
        }
    }

    /// Later arguments win: the deployment's secrets, then the control plane's own variables.
    func adding(_ secrets: [String: String], _ own: [String: String] = [:]) -> [String: String] {
        inherited.merging(secrets) { $1 }.merging(own) { $1 }
    }

    var path: String { inherited["PATH"] ?? "/usr/bin:/bin" }

    private static let names: Set = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"]

    /// Adds what package tools need to reach their index; may contain passwords, so agents do not get it.
    static func build(
        inheriting environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> ChildEnvironment {
        ChildEnvironment(inheriting: environment, also: isForPackageTools)
    }

    private static func isForPackageTools(_ name: String) -> Bool {
        ["UV_", "PIP_", "NPM_CONFIG_", "npm_config_"].contains { name.hasPrefix($0) }
            || [
                "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR",
                "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
            ].contains(name.uppercased())
    }
}
