import ArgumentParser
import Clocks
import ControlPlane

/// Which control plane to use, with which key, and where its state is kept.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup(title: "Connection") var access: AccessOptions
    @OptionGroup(title: "State") var state: StateOptions
}

struct AccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Environment of .slipway.yml whose settings are used. Default: SLIPWAY_ENVIRONMENT.", valueName: "name"))
    var environment: String?

    @Option(
        help: ArgumentHelp(
            "URL of the control plane, or 'local' for the embedded one. Default: SLIPWAY_CONTROL_PLANE, "
                + "LANGGRAPH_HOST_URL, CONTROL_PLANE_HOST, LANGSMITH_ENDPOINT, .slipway.yml, or the US cloud.",
            valueName: "url|local"))
    var controlPlane: String?

    @Option(
        help: ArgumentHelp(
            "File with the API key. Default: LANGGRAPH_HOST_API_KEY, LANGSMITH_API_KEY, LANGCHAIN_API_KEY or "
                + "LANGSMITH_API_KEY_FILE.", valueName: "file"),
        completion: .file())
    var apiKeyFile: String?

    @Flag(help: "Read the API key from standard input.")
    var apiKeyStdin = false

    @Option(
        help: ArgumentHelp("Workspace. Default: LANGSMITH_TENANT_ID, WORKSPACE_ID or .slipway.yml.", valueName: "uuid"))
    var tenantId: String?

    @Option(
        help: ArgumentHelp(
            "How long to wait for the first byte of a response. Default: SLIPWAY_REQUEST_TIMEOUT, or 30s for reads and "
                + "120s for changes.", valueName: "duration"),
        transform: DurationArgument.parse)
    var requestTimeout: DurationArgument?

    /// What selects the environment, if anything does.
    var environmentSource: String { environment == nil ? SettingsLoader.environmentVariable : "--environment" }

    /// Throws `ControlPlaneError` if the variable is not a duration.
    func requestTimeouts(_ environment: [String: String]) throws -> RequestTimeouts {
        if let requestTimeout { return RequestTimeouts(both: requestTimeout.duration) }
        let name = "SLIPWAY_REQUEST_TIMEOUT"
        guard let text = environment.nonEmpty(name) else { return RequestTimeouts() }
        guard let limit = Duration(text: text), limit > .zero else {
            throw ControlPlaneError(
                .configuration, "invalid duration in \(name): '\(text)'", hint: "write it as \(Duration.spellings)")
        }
        return RequestTimeouts(both: limit)
    }
}

struct StateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory for journals, locks and the local control plane. Default: SLIPWAY_STATE_DIR, "
                + "XDG_STATE_HOME/slipway or ~/.local/state/slipway.", valueName: "dir"),
        completion: .directory)
    var stateDir: String?
}
