import ControlPlaneTypes

/// What `POST /v2/deployments` asks for.
struct NewDeployment: Sendable {
    var name: String
    var source: DeploymentSource
    var sourceConfig: SourceConfig
    var revisionConfig: SourceRevisionConfig
    var secrets: [Secret]
    var hasSecretReferences: Bool
    /// Of `external_docker` only.
    var listenerID: String?
    var listenerNamespace: String?

    /// - Throws: `APIProblem` (422) with every problem of the body.
    init(_ body: BodyReader) throws {
        name = body.requiredString("name")
        source = DeploymentSource(rawValue: body.requiredString("source"))
        sourceConfig = body.object("source_config", required: true)?.sourceConfig() ?? SourceConfig()
        revisionConfig =
            body.object("source_revision_config", required: true)?.revisionConfig() ?? SourceRevisionConfig()
        secrets = body.secrets(required: true) ?? []
        hasSecretReferences = body.objects("secret_references") != nil
        if source == .externalDocker, case .object? = body.value("source_config") {
            let config = body.object("source_config")
            listenerID = config?.uuid("listener_id")
            listenerNamespace = config?.object("listener_config")?.string("k8s_namespace")
        }
        body.checkName(name)
        body.checkSource(source)
        try body.validate()
    }
}

extension BodyReader {
    fileprivate func checkName(_ name: String) {
        guard value("name") != nil, name.wholeMatch(of: /[a-z][a-z0-9-]*/) == nil else { return }
        report(
            FieldProblem(
                "string_pattern_mismatch", at: path("name"), "String should match pattern '^[a-z][a-z0-9-]*$'",
                input: .string(name), context: ["pattern": .string("^[a-z][a-z0-9-]*$")]))
    }

    fileprivate func checkSource(_ source: DeploymentSource) {
        let known: [DeploymentSource] = [.github, .externalDocker, .internalDocker, .internalSource, .internalTemplate]
        guard value("source") != nil, !known.contains(source) else { return }
        report(.choice(path("source"), of: known.map(\.rawValue), input: .string(source.rawValue)))
    }
}
