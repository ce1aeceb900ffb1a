/// What programs get of our own environment: all but the control plane's key.
enum ProcessEnvironment {
    /// A step that needs one of them names it in its `env`.
    static let withheld: Set<String> = [
        "LANGGRAPH_HOST_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "LANGSMITH_API_KEY_FILE",
    ]

    static func variables(
        inheriting inherited: [String: String], adding own: [String: String]
    ) -> [String: String] {
        inherited.filter { !withheld.contains($0.key) }.merging(own) { $1 }
    }
}
