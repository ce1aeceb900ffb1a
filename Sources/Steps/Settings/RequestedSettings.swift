import ControlPlaneTypes
import Engine

/// The secrets and resources that somebody wants a deployment to have, from their files.
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
        let word = inputs.string("secrets") ?? SecretsPlan.Mode.keep.rawValue
        guard let mode = SecretsPlan.Mode(rawValue: word) else {
            throw StepFailure(
                .usage, code: "UnknownSecretsMode", "there is no way '\(word)' to treat secrets",
                hint: "use --secrets keep, merge or replace")
        }
        self.mode = mode
        let given = try inputs.string("secrets-file").map { try files.secrets(at: $0) }
        for secret in given?.secrets ?? [] { context.registerSecret(secret.value.reveal()) }
        secrets = given?.secrets
        isFileOpen = given?.isOpen ?? false
        resourceSpec = try inputs.string("resource-spec").map { try files.resourceSpec(at: $0) }
        if mode != .keep, given == nil {
            throw StepFailure(
                .usage, code: "SecretsFileMissing", "--secrets \(mode.rawValue) needs the secrets",
                hint: "name the file with --secrets-file")
        }
        try Self.refuse(ReservedSecretNames.reserved(in: names))
    }

    private var names: [String] { (secrets ?? []).map(\.name) }

    /// Throws `StepFailure` for a name that a deployment of this source cannot have.
    func checkNames(for source: DeploymentSource) throws(StepFailure) {
        try Self.refuse(ReservedSecretNames.reserved(in: names, source: source))
    }

    /// Whether what is stored has to be read to know what is to be sent.
    var dependsOnStored: Bool { resourceSpec != nil || (mode != .keep && secrets != nil) }

    /// What to send; `deployment` is nil for a new one. Values that go back to it are kept out of events too.
    func settings(for deployment: Deployment?, _ context: StepContext) throws(StepFailure) -> DeploySettings {
        var settings = DeploySettings()
        settings.secrets = try SecretsPlan.decide(
            mode, given: secrets, current: deployment?.secrets, isNew: deployment == nil)
        for secret in settings.secrets.sent ?? [] { context.registerSecret(secret.value.reveal()) }
        if let resourceSpec {
            settings.resourceSpec = ResourceSpecMerge.merged(
                resourceSpec, into: deployment?.sourceConfig?.resourceSpec)
        }
        return settings
    }

    /// Names in the file that a deployment does not have and, its secrets being kept, will not get.
    func ignoredNames(_ deployment: Deployment?) -> [String] {
        guard mode == .keep, let stored = deployment?.secrets else { return [] }
        let known = Set(stored.map(\.name))
        return names.filter { !known.contains($0) }
    }

    private static func refuse(_ names: [String]) throws(StepFailure) {
        guard !names.isEmpty else { return }
        throw StepFailure(
            .usage, code: "ReservedSecretName",
            "a deployment cannot have \(names.count == 1 ? "a secret" : "secrets") named "
                + "\(names.sorted().joined(separator: ", ")): the service sets these variables itself",
            hint: "take them out of the file of --secrets-file")
    }
}

/// What a deploy sets besides the code.
struct DeploySettings: Sendable, Equatable {
    var secrets = SecretsPlan.none
    /// Nil leaves what is stored as it is.
    var resourceSpec: [String: JSONValue]?

    var changesSomething: Bool { secrets.sent != nil || resourceSpec != nil }
}
