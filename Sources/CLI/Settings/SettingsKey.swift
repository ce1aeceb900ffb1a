/// A key of `.slipway.yml`: the table behind the parser, the schema and the documentation.
struct SettingsKey: Sendable {
    enum Shape: Sendable, Equatable {
        /// The name of a deployment.
        case name
        /// A path relative to the root of the repository.
        case file
        case controlPlane
        case uuid
        case choice([String])
        /// One path of a URL, or several.
        case paths
        /// A boolean or, outside of an environment, names of environments.
        case reason
        case environments
    }

    let name: String
    let shape: Shape
    /// One sentence; also shown by editors.
    let summary: String
    /// The flag and the variables that take precedence.
    let overriddenBy: String
    let example: String

    static let all = [
        SettingsKey(
            name: "deployment", shape: .name, summary: "The name of the deployment.",
            overriddenBy: "`--deployment` or a name on the command line, `LANGSMITH_DEPLOYMENT_NAME`",
            example: "support-agent"),
        SettingsKey(
            name: "control-plane", shape: .controlPlane,
            summary: "The URL of the control plane, or `local`; other hosts than LangSmith's have to be trusted.",
            overriddenBy: "`--control-plane`, `SLIPWAY_CONTROL_PLANE` and the other variables of a control plane",
            example: "https://eu.api.host.langchain.com"),
        SettingsKey(
            name: "workspace", shape: .uuid, summary: "The ID of the workspace.",
            overriddenBy: "`--tenant-id`, `LANGSMITH_TENANT_ID`, `WORKSPACE_ID`",
            example: "0f3c9a52-7d3b-4b7e-9f43-0d7a1c1c2a10"),
        SettingsKey(
            name: "config", shape: .file, summary: "The path of the configuration file, relative to the root.",
            overriddenBy: "`--config`", example: "agents/support/langgraph.json"),
        SettingsKey(
            name: "smoke", shape: .paths,
            summary: "A path, or several, that must answer 2xx after a deploy or rollback.",
            overriddenBy: "`--smoke`", example: "[/ok]"),
        SettingsKey(
            name: "record", shape: .choice(RecordOptions.Sharing.allCases.map(\.rawValue)),
            summary: "Whether records of changes are shared through git notes.", overriddenBy: "`--record`",
            example: "notes"),
        SettingsKey(
            name: "require-reason", shape: .reason,
            summary: "Whether a rollback or deletion needs a reason: true, false, or the environments where it does.",
            overriddenBy: "nothing", example: "[production]"),
        SettingsKey(
            name: "environments", shape: .environments,
            summary: "Names with the same keys, for `--environment NAME`; each has its own deployment.",
            overriddenBy: "", example: "{production: {deployment: support-agent}}"),
    ]

    static let ofEnvironment = all.filter { $0.shape != .environments }

    /// Whether a key that does not exist names a secret.
    static func namesSecret(_ name: String) -> Bool {
        let words = name.lowercased().split { !$0.isLetter }.map(String.init)
        return words.contains {
            ["key", "apikey", "token", "secret", "secrets", "password", "credentials"].contains($0)
        }
    }
}
