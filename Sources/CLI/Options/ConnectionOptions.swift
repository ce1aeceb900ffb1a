import ArgumentParser

/// Which control plane, and who asks.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The control plane's URL, or 'local' for the embedded one. Default: SLIPWAY_CONTROL_PLANE, "
                + "LANGGRAPH_HOST_URL, CONTROL_PLANE_HOST, LANGSMITH_ENDPOINT, or the US cloud.",
            valueName: "url|local"))
    var controlPlane: String?

    @Option(
        help:
            "A file with the API key. Default: LANGGRAPH_HOST_API_KEY, LANGSMITH_API_KEY, LANGCHAIN_API_KEY, LANGSMITH_API_KEY_FILE.",
        completion: .file())
    var apiKeyFile: String?

    @Flag(help: "Read the API key from standard input.")
    var apiKeyStdin = false

    @Option(help: ArgumentHelp("The workspace. Default: LANGSMITH_TENANT_ID or WORKSPACE_ID.", valueName: "uuid"))
    var tenantId: String?

    @Option(
        help: ArgumentHelp(
            "Where journals, locks and the local control plane are kept. Default: SLIPWAY_STATE_DIR, "
                + "XDG_STATE_HOME/slipway or ~/.local/state/slipway.", valueName: "dir"),
        completion: .directory)
    var stateDir: String?
}
