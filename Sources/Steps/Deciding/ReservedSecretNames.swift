import ControlPlaneTypes

/// Names of secrets that the service refuses, because it sets these variables itself (langgraph-cli 0.4.40 has the
/// same list).
enum ReservedSecretNames {
    private static let everywhere: Set = [
        "DATABASE_URI", "DD_TRACE_PSYCOPG_ENABLED", "DD_TRACE_REDIS_ENABLED", "LANGCHAIN_API_KEY",
        "LANGCHAIN_CALLBACKS_BACKGROUND", "LANGCHAIN_ENDPOINT", "LANGCHAIN_PROJECT", "LANGCHAIN_TRACING_V2",
        "LANGGRAPH_AUTH_TYPE", "LANGGRAPH_CLOUD_LICENSE_KEY", "LANGGRAPH_GIT_REPO_PATH", "LANGSMITH_AUTH_ENDPOINT",
        "LANGSMITH_AUTH_VERIFY_TENANT_ID", "LANGSMITH_CONTROL_PLANE_API_KEY", "LANGSMITH_DEPLOYMENT_NAME",
        "LANGSMITH_HOST_PROJECT_ID", "LANGSMITH_HOST_PROJECT_NAME", "LANGSMITH_HOST_REVISION_ID",
        "LANGSMITH_LANGGRAPH_GIT_REF", "LANGSMITH_LANGGRAPH_GIT_REF_SHA", "LANGSMITH_LANGGRAPH_GIT_REPO",
        "LANGSMITH_PROJECT", "LANGSMITH_TENANT_ID", "LANGSMITH_TRACING_V2", "LOG_DICT_TRACEBACKS", "LOG_JSON",
        "MOUNT_PREFIX", "PATH", "PORT", "POSTGRES_PASSWORD", "POSTGRES_URI", "REDIS_URI",
    ]
    private static let prefix = "LSD_"
    /// A plane of one's own takes these.
    private static let onlySelfHosted: Set = [
        "LANGSMITH_API_KEY", "LANGSMITH_ENDPOINT", "POSTGRES_URI_CUSTOM", "REDIS_URI_CUSTOM",
    ]

    /// Those of `names` that no control plane takes, in their order.
    static func reserved(in names: [String]) -> [String] {
        names.filter { everywhere.contains($0) || $0.hasPrefix(prefix) }
    }

    /// Those that a deployment of this source cannot have besides: images are deployed by self-hosted planes only.
    static func reserved(in names: [String], source: DeploymentSource) -> [String] {
        source == .externalDocker ? [] : names.filter(onlySelfHosted.contains)
    }
}
