import ControlPlaneTypes

/// What a PATCH of a deployment or a new revision asks for; absent and null both mean "as it is".
struct DeploymentChange: Sendable {
    var revisionSource: DeploymentSource?
    var sourceConfig = SourceConfig()
    var revisionConfig = SourceRevisionConfig()
    /// An empty list is as good as none.
    var secrets: [Secret]?
    var hasSecretReferences = false
    var displayName: String?
    var trackedRef: String?

    init() {}

    /// - Throws: `APIProblem` (422) with every problem of the body.
    init(_ body: BodyReader) throws {
        let sources: [DeploymentSource] = [.github, .internalDocker, .internalSource]
        revisionSource = body.choice("revision_source", of: sources.map(\.rawValue)).map(DeploymentSource.init)
        sourceConfig = body.object("source_config")?.sourceConfig() ?? SourceConfig()
        revisionConfig = body.object("source_revision_config")?.revisionConfig() ?? SourceRevisionConfig()
        secrets = body.secrets(required: false)
        hasSecretReferences = body.objects("secret_references") != nil
        displayName = body.string("display_name", minimumLength: 1)
        trackedRef = body.string("tracked_repo_ref", minimumLength: 1)
        try body.validate()
    }

    /// A change of anything that an agent is built from or started with.
    var makesRevision: Bool {
        revisionConfig != SourceRevisionConfig() || secrets?.isEmpty == false || hasSecretReferences
            || sourceConfig.resourceSpec != nil || sourceConfig.installCommand != nil
            || sourceConfig.buildCommand != nil
    }
}
