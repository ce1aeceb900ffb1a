/// The environment variables with the keys of control planes that steps name. Their names are what tells them from other
/// secrets, which a workflow file must not send to a host of its choice, and hides them from scripts.
package enum StepKeyVariable {
    package static let form = "LANGSMITH_API_KEY_NAME"
    private static let prefix = "LANGSMITH_API_KEY_"
    private static let fileSuffix = "_FILE"

    package static func isValid(_ name: String) -> Bool {
        isWithheld(name) && !isFile(name)
    }

    /// The variable with the path of a file that holds the key, as `LANGSMITH_API_KEY_FILE` is for `LANGSMITH_API_KEY`.
    package static func file(_ name: String) -> String { name + fileSuffix }

    package static func isFile(_ name: String) -> Bool { name.hasPrefix(prefix) && name.hasSuffix(fileSuffix) }

    /// Whether scripts do not get it.
    package static func isWithheld(_ name: String) -> Bool { name.hasPrefix(prefix) && name != prefix }

    /// The keys in these variables.
    package static func keys(in environment: [String: String]) -> [String] {
        environment.filter { isValid($0.key) && !$0.value.isEmpty }.sorted { $0.key < $1.key }.map(\.value)
    }
}
