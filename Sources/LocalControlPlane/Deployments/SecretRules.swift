import ControlPlaneTypes

/// Which names a deployment's secrets may have, and what is answered for their values.
enum SecretRules {
    /// Stands for a value in answers; sent back, it leaves the stored value as it is.
    static let mask = SecretValue("***")

    private static let reserved: Set<String> = [
        "PATH", "PORT", "HOST", "POSTGRES_URI", "DATABASE_URI", "REDIS_URI", "LANGSMITH_API_KEY",
        "LANGCHAIN_API_KEY", "LANGCHAIN_ENDPOINT", "LANGSMITH_ENDPOINT", "LANGCHAIN_PROJECT", "LANGSMITH_PROJECT",
        "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGSMITH_TENANT_ID", "LANGSMITH_HOST_REVISION_ID",
        "LANGSMITH_HOST_PROJECT_ID", "LANGSMITH_HOST_PROJECT_NAME", "REVISION_ID",
    ]

    /// - Throws: `APIProblem` (400) for a name that the plane itself sets.
    static func check(_ secrets: [Secret]) throws {
        for secret in secrets where reserved.contains(secret.name) || secret.name.hasPrefix("LSD_") {
            throw APIProblem.badRequest("Secret name '\(secret.name)' is reserved")
        }
    }

    /// The whole set that replaces `current`.
    static func replacing(_ current: [Secret], with wanted: [Secret]?) -> [Secret] {
        guard let wanted, !wanted.isEmpty else { return current }
        return wanted.map { secret in
            guard secret.value == mask else { return secret }
            return current.first { $0.name == secret.name } ?? secret
        }
    }

    static func masked(_ secrets: [Secret]) -> [Secret] {
        secrets.map { Secret(name: $0.name, value: mask) }
    }
}
