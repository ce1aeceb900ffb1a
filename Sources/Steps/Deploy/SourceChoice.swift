import ControlPlane
import ControlPlaneTypes
import Engine

/// Where the control plane shall take the code from, with what that needs.
struct SourceChoice: Sendable, Equatable {
    var source: DeploymentSource
    var repoURL: String?
    var integrationID: String?

    static let supported: [DeploymentSource] = [.github, .internalSource, .externalDocker]

    /// The existing deployment's source; for a new one what is asked for, else external_docker for an image, github
    /// when there is an integration and a repository's URL, else internal_source.
    static func make(
        existing: Deployment?, asked: String?, image: ImageReference? = nil, repoURL: String?, integrationID: String?,
        client: ControlPlaneClient
    ) async throws -> SourceChoice {
        let asked = asked ?? image.map { _ in DeploymentSource.externalDocker.rawValue }
        if let asked { try check(DeploymentSource(rawValue: asked), image) }
        if let existing {
            let source = asked.map { DeploymentSource(rawValue: $0) } ?? existing.source
            try check(source, image)
            if source == .externalDocker { return SourceChoice(source: source) }
            return SourceChoice(source: source, repoURL: repoURL ?? existing.sourceConfig?.repoURL)
        }
        if asked == DeploymentSource.externalDocker.rawValue { return SourceChoice(source: .externalDocker) }
        if asked == DeploymentSource.internalSource.rawValue || (asked == nil && repoURL == nil) {
            return SourceChoice(source: .internalSource)
        }
        if let integrationID, let repoURL {
            return SourceChoice(source: .github, repoURL: repoURL, integrationID: integrationID)
        }
        let integrations = try await client.githubIntegrations()
        if asked == nil, integrations.isEmpty { return SourceChoice(source: .internalSource) }
        return SourceChoice(
            source: .github, repoURL: try required(repoURL), integrationID: try theOnly(integrations))
    }

    private static func check(_ source: DeploymentSource, _ image: ImageReference?) throws {
        guard supported.contains(source) else {
            throw StepFailure(
                .usage, code: "UnsupportedSource", "source '\(source)' is not supported",
                hint: "use --source \(supported.map(\.rawValue).joined(separator: " or "))")
        }
        if source == .externalDocker, image == nil {
            throw StepFailure(
                .usage, code: "ImageMissing", "source external_docker requires an image",
                hint: "set --image REGISTRY/NAME@sha256:DIGEST")
        }
        if source != .externalDocker, let image {
            throw StepFailure(
                .usage, code: "ImageNotWanted", "source '\(source)' is built from a commit, not from image \(image)",
                hint: "leave out --image, or use --source external_docker for a new deployment")
        }
    }

    private static func required(_ repoURL: String?) throws -> String {
        guard let repoURL else {
            throw StepFailure(
                .configurationMissing, code: "RepositoryNotKnown", "source github requires the URL of the repository",
                hint: "add a remote named origin, or set --repo-url")
        }
        return repoURL
    }

    private static func theOnly(_ integrations: [GithubIntegration]) throws -> String {
        guard let first = integrations.first else {
            throw StepFailure(
                .configurationMissing, code: "IntegrationMissing", "this workspace has no GitHub integration",
                hint: "install it in LangSmith, set --integration-id, or use --source internal_source")
        }
        guard integrations.count == 1 else {
            let names = integrations.map { "\($0.id) (\($0.name ?? "unnamed"))" }.joined(separator: ", ")
            throw StepFailure(
                .configurationMissing, code: "IntegrationAmbiguous",
                "this workspace has \(integrations.count) GitHub integrations: \(names)",
                hint: "choose one with --integration-id or INTEGRATION_ID")
        }
        return first.id
    }
}
