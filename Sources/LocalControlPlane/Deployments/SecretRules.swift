import ControlPlaneTypes
import Redaction

/// Which names a deployment's secrets may have, and what is answered for their values.
enum SecretRules {
    /// Stands for a value in answers; sent back, it leaves the stored value as it is.
    static let placeholder = SecretValue(Redactor.replacement)

    private static let reserved: Set<String> = [
        "DATABASE_URI", "DD_TRACE_PSYCOPG_ENABLED", "DD_TRACE_REDIS_ENABLED", "LANGCHAIN_API_KEY",
        "LANGCHAIN_CALLBACKS_BACKGROUND", "LANGCHAIN_ENDPOINT", "LANGCHAIN_PROJECT", "LANGCHAIN_TRACING_V2",
        "LANGGRAPH_AUTH_TYPE", "LANGGRAPH_CLOUD_LICENSE_KEY", "LANGGRAPH_GIT_REPO_PATH", "LANGSMITH_API_KEY",
        "LANGSMITH_AUTH_ENDPOINT", "LANGSMITH_AUTH_VERIFY_TENANT_ID", "LANGSMITH_CONTROL_PLANE_API_KEY",
        "LANGSMITH_DEPLOYMENT_NAME", "LANGSMITH_ENDPOINT", "LANGSMITH_HOST_PROJECT_ID", "LANGSMITH_HOST_PROJECT_NAME",
        "LANGSMITH_HOST_REVISION_ID", "LANGSMITH_LANGGRAPH_GIT_REF", "LANGSMITH_LANGGRAPH_GIT_REF_SHA",
        "LANGSMITH_LANGGRAPH_GIT_REPO", "LANGSMITH_PROJECT", "LANGSMITH_TENANT_ID", "LANGSMITH_TRACING_V2",
        "LOG_DICT_TRACEBACKS", "LOG_JSON", "MOUNT_PREFIX", "PATH", "PORT", "POSTGRES_PASSWORD", "POSTGRES_URI",
        "POSTGRES_URI_CUSTOM", "REDIS_URI", "REDIS_URI_CUSTOM", "REVISION_ID", "SLIPWAY_PLANE_ID",
    ]

    /// - Throws: `APIProblem` (400) for a name that the control plane itself sets.
    static func check(_ secrets: [Secret]) throws {
        for secret in secrets where reserved.contains(secret.name) || secret.name.hasPrefix("LSD_") {
            throw APIProblem.badRequest("Secret name '\(secret.name)' is reserved")
        }
    }

    /// The whole set that replaces `current`.
    static func replacing(_ current: [Secret], with wanted: [Secret]?) -> [Secret] {
        guard let wanted, !wanted.isEmpty else { return current }
        return wanted.map { secret in
            guard secret.value == placeholder else { return secret }
            return current.first { $0.name == secret.name } ?? secret
        }
    }

    static func redacted(_ secrets: [Secret]) -> [Secret] {
        secrets.map { Secret(name: $0.name, value: placeholder) }
    }
}
