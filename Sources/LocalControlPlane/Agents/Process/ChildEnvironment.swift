import Foundation

/// What a child sees of this process's environment: a short list, so that the plane's own key is never among it.
package struct ChildEnvironment: Sendable {
    private let inherited: [String: String]

    package init(inheriting environment: [String: String] = ProcessInfo.processInfo.environment) {
        inherited = environment.filter { name, _ in Self.names.contains(name) || name.hasPrefix("LC_") }
    }

    /// Later lists win: the deployment's secrets and variables, then what the plane itself says.
    func adding(_ secrets: [String: String], _ own: [String: String] = [:]) -> [String: String] {
        inherited.merging(secrets) { $1 }.merging(own) { $1 }
    }

    private static let names: Set = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"]
}
