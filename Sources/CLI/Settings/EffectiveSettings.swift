import Engine

/// The values that commands use: a flag beats the environment, which beats `.slipway.yml`.
extension ProjectSettings {
    private static let deploymentVariable = "LANGSMITH_DEPLOYMENT_NAME"
    private static let standardConfig = "langgraph.json"

    /// A value and the setting that supplied it.
    struct Origin<Value: Sendable>: Sendable {
        let value: Value
        let source: String
    }

    /// The deployment to use; nil if none is named.
    ///
    /// Throws `StepFailure` (usage) if the variable contradicts an environment that a flag selected.
    func deployment(
        flag: String?, named flagName: String = "--deployment", variables: [String: String], isEnvironmentFlagged: Bool
    ) throws(StepFailure) -> Origin<String>? {
        if let flag { return Origin(value: flag, source: flagName) }
        if let name = variables.nonEmpty(Self.deploymentVariable) {
            if isEnvironmentFlagged, let own = deployment?.value, own != name {
                throw StepFailure(
                    .usage, code: "ContradictingDeployment",
                    "\(Self.deploymentVariable) is '\(name)', but environment '\(environment ?? "")' has '\(own)'",
                    hint: "unset \(Self.deploymentVariable), or name the deployment itself")
            }
            return Origin(value: name, source: Self.deploymentVariable)
        }
        return deployment.map { Origin(value: $0.value, source: $0.source) }
    }

    func config(flag: String?) -> Origin<String> {
        if let flag { return Origin(value: flag, source: "--config") }
        return config.map { Origin(value: $0.value, source: $0.source) }
            ?? Origin(value: Self.standardConfig, source: "default")
    }

    func smoke(flags: [String]) -> [String] { flags.isEmpty ? smoke?.value ?? [] : flags }

    func record(flag: RecordOptions.Sharing?) -> Origin<RecordOptions.Sharing> {
        if let flag { return Origin(value: flag, source: "--record") }
        return record.map { Origin(value: $0.value, source: $0.source) } ?? Origin(value: .none, source: "default")
    }
}

extension Dependencies {
    /// The settings of the repository of the working directory. Throws `StepFailure` for a malformed file.
    func settings(_ access: AccessOptions) throws(StepFailure) -> ProjectSettings {
        guard readsSettings else { return .none }
        return try SettingsLoader(folder: workingDirectory, cache: settingsCache).load(access, environment: environment)
    }

    /// The deployment that a flag, a variable or the repository names.
    func deployment(
        flag: String?, named flagName: String = "--deployment", _ access: AccessOptions
    ) throws(StepFailure) -> String? {
        try settings(access).deployment(
            flag: flag, named: flagName, variables: environment, isEnvironmentFlagged: access.environment != nil)?.value
    }
}
