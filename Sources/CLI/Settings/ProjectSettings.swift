import Engine
import WorkflowModel

/// The settings of a repository, as its `.slipway.yml` has them for the selected environment.
struct ProjectSettings: Sendable, Equatable {
    static let fileName = ".slipway.yml"
    /// What people write instead.
    static let misnamedFile = ".slipway.yaml"
    static let none = ProjectSettings()

    struct Setting<Value: Sendable & Equatable>: Sendable, Equatable {
        var value: Value
        var line: Int

        /// Where it comes from, for messages.
        var source: String { "\(ProjectSettings.fileName) line \(line)" }
    }

    var deployment: Setting<String>?
    var controlPlane: Setting<String>?
    var workspace: Setting<String>?
    var config: Setting<String>?
    var smoke: Setting<[String]>?
    var record: Setting<RecordOptions.Sharing>?
    var requiresReason: Setting<Bool>?
    /// The environment that was selected.
    var environment: String?
    /// All deployments that the file names, with what it requires of a change of each.
    var deployments: [String: Setting<Bool>?] = [:]

    /// These, with those of `other` where this has none.
    func filled(from other: ProjectSettings) -> ProjectSettings {
        var filled = self
        filled.deployment = deployment ?? other.deployment
        filled.controlPlane = controlPlane ?? other.controlPlane
        filled.workspace = workspace ?? other.workspace
        filled.config = config ?? other.config
        filled.smoke = smoke ?? other.smoke
        filled.record = record ?? other.record
        filled.requiresReason = requiresReason ?? other.requiresReason
        return filled
    }

    /// What requires a reason for a change of a deployment, whichever environment was selected; nil if nothing does.
    ///
    /// An ID may be that of any deployment of the file.
    func reasonRequirement(for deployment: String, isID: Bool) -> Setting<Bool>? {
        let named = deployments.filter { isID || $0.key == deployment }
        if let required = named.compactMap(\.value).first(where: \.value) { return required }
        guard named.isEmpty || environment != nil else { return nil }
        return requiresReason.flatMap { $0.value ? $0 : nil }
    }
}

/// A whole `.slipway.yml`.
struct SettingsFile: Sendable, Equatable {
    /// What holds outside of environments, and for what they leave out.
    var base = ProjectSettings()
    /// In the order of the file.
    var environments: [(name: String, settings: ProjectSettings)] = []
    /// The environments that `require-reason` lists.
    var reasons: ProjectSettings.Setting<[String]>?

    static func == (one: SettingsFile, other: SettingsFile) -> Bool {
        one.base == other.base && one.reasons == other.reasons
            && one.environments.map(\.name) == other.environments.map(\.name)
            && one.environments.map(\.settings) == other.environments.map(\.settings)
    }

    /// Throws `StepFailure` (usage) for an environment that the file does not have; `source` is what names it.
    func select(_ name: String?, source: String) throws(StepFailure) -> ProjectSettings {
        var selected = base
        if let name {
            guard environments.contains(where: { $0.name == name }) else {
                throw StepFailure(
                    .usage, code: "UnknownEnvironment",
                    "unknown environment in \(source): '\(name)' is not in \(ProjectSettings.fileName)",
                    hint: Suggestion.hint(for: name, among: environments.map(\.name))
                        ?? "add environments to \(ProjectSettings.fileName), or omit \(source)")
            }
            selected = effective(name)
        }
        if let own = base.deployment { selected.deployments[own.value] = .some(base.requiresReason) }
        for (name, _) in environments {
            let settings = effective(name)
            guard let deployment = settings.deployment?.value else { continue }
            let earlier = selected.deployments[deployment].flatMap(\.self)
            // Of two environments with one deployment the stricter one holds.
            selected.deployments[deployment] = .some(earlier?.value == true ? earlier : settings.requiresReason)
        }
        return selected
    }

    private func effective(_ name: String) -> ProjectSettings {
        var settings = environments.first { $0.name == name }?.settings ?? ProjectSettings()
        // The list and the environment itself: the stricter one holds.
        if let reasons, settings.requiresReason?.value != true,
            settings.requiresReason == nil || reasons.value.contains(name)
        {
            settings.requiresReason = .init(value: reasons.value.contains(name), line: reasons.line)
        }
        settings.environment = name
        return settings.filled(from: base)
    }
}
