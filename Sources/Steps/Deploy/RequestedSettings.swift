package import ControlPlaneTypes
import Engine
import Redaction

/// The secrets and resources that a deploy asks for, from their files.
struct RequestedSettings: Sendable {
    private let mode: SecretsPlan.Mode
    private let secrets: [Secret]?
    private let resourceSpec: [String: JSONValue]?
    /// Whether others may read the secrets file.
    let isFileOpen: Bool

    /// Reads the files; the values are kept out of every event from now on.
    ///
    /// Throws `StepFailure` (usage) for what cannot be used, and for names that the service sets itself.
    init(_ inputs: StepInputs, _ files: SettingsFiles, _ context: StepContext) throws {
        try self.init(
            mode: inputs.string("secrets") ?? SecretsPlan.Mode.keep.rawValue,
            secretsFile: inputs.string("secrets-file"), resourceSpec: inputs.string("resource-spec"), files, context)
    }

    init(_ plan: DeployPlan, _ files: SettingsFiles, _ context: StepContext) throws {
        try self.init(
            mode: plan.secrets, secretsFile: plan.secretsFile, resourceSpec: plan.resourceSpec, files, context)
    }

    private init(
        mode word: String, secretsFile: String?, resourceSpec spec: String?, _ files: SettingsFiles,
        _ context: StepContext
    ) throws {
        try self.init(mode: word, secretsFile: secretsFile, resourceSpec: spec, files) { secret in
            context.registerSecret(secret.value.reveal(), named: secret.name)
        }
    }

    /// Throws what a deploy would; a pipe is left to it, since it can be read once.
    static func check(
        mode: String?, secretsFile: String?, resourceSpec: String?, _ files: SettingsFiles
    ) throws(StepFailure) {
        do {
            _ = try RequestedSettings(
                mode: secretsFile.map(SettingsFiles.isPipe) == true ? "keep" : mode ?? "keep",
                secretsFile: secretsFile.flatMap { SettingsFiles.isPipe($0) ? nil : $0 },
                resourceSpec: resourceSpec.flatMap { SettingsFiles.isPipe($0) ? nil : $0 }, files
            ) { _ in }
        } catch {
            throw StepFailure(explaining: error) ?? .unexpected(error)
        }
    }

    private init(
        mode word: String, secretsFile: String?, resourceSpec spec: String?, _ files: SettingsFiles,
        register: (Secret) -> Void
    ) throws {
        guard let mode = SecretsPlan.Mode(rawValue: word) else {
            throw StepFailure(
                .usage, code: "UnknownSecretsMode", "invalid secrets mode '\(word)'",
                hint: "use --secrets keep, merge or replace")
        }
        self.mode = mode
        let given = try secretsFile.map { try files.secrets(at: $0) }
        for secret in given?.secrets ?? [] { register(secret) }
        secrets = given?.secrets
        isFileOpen = given?.isOpen ?? false
        resourceSpec = try spec.map { try files.resourceSpec(at: $0) }
        if mode != .keep, given == nil {
            throw StepFailure(
                .usage, code: "SecretsFileMissing", "--secrets \(mode.rawValue) requires a secrets file",
                hint: "set --secrets-file")
        }
        try Self.refuse(ReservedSecretNames.reserved(in: names))
    }

    private var names: [String] { (secrets ?? []).map(\.name) }

    /// Throws `StepFailure` for a name that a deployment of this source cannot have.
    func checkNames(for source: DeploymentSource) throws(StepFailure) {
        try Self.refuse(ReservedSecretNames.reserved(in: names, source: source))
    }

    /// The secrets of a deployment that never was live are set as those of a new one, and no others are lost.
    private func mode(for deployment: Deployment?) -> SecretsPlan.Mode {
        let wasNeverLive = deployment.map { $0.activeRevisionID == nil } ?? false
        return mode == .keep && wasNeverLive && secrets != nil ? .merge : mode
    }

    /// What to send; `deployment` is nil for a new one. Values that go back to it are kept out of events too.
    func settings(for deployment: Deployment?, _ context: StepContext) throws(StepFailure) -> DeploySettings {
        var settings = DeploySettings()
        settings.secrets = try SecretsPlan.decide(
            mode(for: deployment), given: secrets, current: deployment?.secrets, isNew: deployment == nil)
        for secret in settings.secrets.sent ?? [] { context.registerSecret(secret.value.reveal(), named: secret.name) }
        if let resourceSpec {
            settings.resourceSpec = ResourceSpecMerge.merged(
                resourceSpec, into: deployment?.sourceConfig?.resourceSpec)
        }
        return settings
    }

    /// Names in the file that a deployment does not have and, its secrets being kept, will not get.
    func ignoredNames(_ deployment: Deployment?) -> [String] {
        guard mode(for: deployment) == .keep, let stored = deployment?.secrets else { return [] }
        let known = Set(stored.map(\.name))
        return names.filter { !known.contains($0) }
    }

    private static func refuse(_ names: [String]) throws(StepFailure) {
        guard !names.isEmpty else { return }
        throw StepFailure(
            .usage, code: "ReservedSecretName",
            "a deployment cannot have \(names.count == 1 ? "a secret" : "secrets") named "
                + "\(names.sorted().joined(separator: ", ")): the service sets these variables itself",
            hint: "remove them from the secrets file")
    }
}

extension DeployPlan {
    /// Whether what is stored has to be read to know what is to be sent.
    var hasSettingsFiles: Bool { resourceSpec != nil || secretsFile != nil }

    /// For a request that is about to be sent.
    ///
    /// Throws `StepFailure` (usage), and `RunSuspended` in a resumed run: what an earlier process began must not be given
    /// up for a file that is gone.
    func requestedSettings(_ services: StepServices, _ context: StepContext) throws -> RequestedSettings {
        do {
            return try RequestedSettings(self, services.settingsFiles, context)
        } catch let failure as StepFailure {
            throw services.lacking(failure)
        }
    }
}

/// What a deploy sets besides the code.
struct DeploySettings: Sendable, Equatable {
    var secrets = SecretsPlan.none
    /// Nil leaves what is stored as it is.
    var resourceSpec: [String: JSONValue]?

    var changesSomething: Bool { secrets.sent != nil || resourceSpec != nil }
}

/// What a deployment's resource spec becomes: a pure decision. The API replaces the stored object as a whole.
package enum ResourceSpecMerge {
    /// The stored object with the given keys in it, each as it was given; a given null takes its key away. Nil when
    /// that changes nothing.
    package static func merged(_ given: [String: JSONValue], into stored: JSONValue?) -> [String: JSONValue]? {
        var before: [String: JSONValue] = [:]
        // The service answers what was never set as null.
        if case .object(let members) = stored { before = members.filter { $0.value != .null } }
        let after = before.merging(given) { $1 }.filter { $0.value != .null }
        return after == before ? nil : after
    }
}

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
    /// A self-hosted control plane accepts these.
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
