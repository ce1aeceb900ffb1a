import Clocks
import ControlPlaneTypes
import Foundation

/// Creates revisions and pins the commit or archive that each is built from.
struct RevisionFactory: Sendable {
    /// The configuration file when the request names none.
    private static let defaultConfigPath = "langgraph.json"

    let store: Store
    let catalog: RepositoryCatalog
    let ids: @Sendable () -> String
    let clock: any RunClock

    /// - Returns: nil for a source that is uploaded after the deployment is created.
    func first(of deployment: DeploymentRecord, config: SourceRevisionConfig) async throws -> RevisionRecord? {
        guard deployment.source == .github else { return nil }
        return try await fromCommit(of: deployment, ref: config.repoRef)
    }

    /// - Parameter deployment: the deployment with the change applied.
    func next(of deployment: DeploymentRecord, _ change: DeploymentChange) async throws -> RevisionRecord {
        let source = change.revisionSource ?? (change.revisionConfig.sourceTarballPath == nil ? nil : .internalSource)
        switch source ?? deployment.source {
        case .github: return try await fromCommit(of: deployment, ref: change.revisionConfig.repoRef)
        default: return try await fromArchive(of: deployment, change.revisionConfig.sourceTarballPath)
        }
    }

    /// Creates a revision from an earlier one's source; a tree that is already built is used again.
    ///
    /// - Throws: `APIProblem` (400) when it has to be built and its archive was removed.
    func redeploy(_ revision: RevisionRecord) async throws -> RevisionRecord {
        if !revision.isBuilt, let archive = revision.config.sourceTarballPath, try await store.upload(archive) == nil {
            throw APIProblem.badRequest("The source archive of revision ID \(revision.id) was removed.")
        }
        var copy = revision
        copy.sequence = nil
        copy.id = RevisionID(ids())
        copy.status = .queued
        copy.createdAt = clock.date
        copy.updatedAt = copy.createdAt
        if !copy.isBuilt { copy.artifactID = copy.id }
        return copy
    }

    private func fromCommit(of deployment: DeploymentRecord, ref: String?) async throws -> RevisionRecord {
        guard let url = deployment.sourceConfig.repoURL, let ref = ref ?? deployment.trackedRef else {
            throw APIProblem.sourceConfiguration(
                "'source_revision_config.repo_ref' is required for 'github' source")
        }
        try await catalog.checkIntegration(deployment.sourceConfig.integrationID)
        let pinned = try await catalog.pin(ref: ref, of: url)
        var config = SourceRevisionConfig()
        config.repoRef = ref
        config.configPath = deployment.configPath ?? Self.defaultConfigPath
        config.repoCommitSHA = pinned.commit
        var revision = blank(of: deployment, source: .github, config: config)
        revision.repositoryPath = pinned.repositoryPath
        return revision
    }

    private func fromArchive(of deployment: DeploymentRecord, _ wanted: String?) async throws -> RevisionRecord {
        let path = try await archivePath(of: deployment, wanted)
        guard let upload = try await store.upload(path), upload.deploymentID == deployment.id, upload.size != nil else {
            throw APIProblem.sourceConfiguration(
                "'source_revision_config.source_tarball_path' is not an archive uploaded for this deployment")
        }
        var config = SourceRevisionConfig()
        config.sourceTarballPath = path
        config.configPath = deployment.configPath ?? Self.defaultConfigPath
        return blank(of: deployment, source: .internalSource, config: config)
    }

    private func archivePath(of deployment: DeploymentRecord, _ wanted: String?) async throws -> String {
        if let wanted { return wanted }
        if let latest = deployment.latestRevisionID,
            let path = try await store.revision(latest)?.config.sourceTarballPath
        {
            return path
        }
        throw APIProblem.sourceConfiguration(
            "'source_revision_config.source_tarball_path' is required for 'internal_source' source")
    }

    private func blank(
        of deployment: DeploymentRecord, source: DeploymentSource, config: SourceRevisionConfig
    ) -> RevisionRecord {
        let id = RevisionID(ids())
        let date = clock.date
        return RevisionRecord(
            id: id, deploymentID: deployment.id, source: source, config: config,
            installCommand: deployment.sourceConfig.installCommand,
            buildCommand: deployment.sourceConfig.buildCommand, secrets: deployment.secrets, artifactID: id,
            createdAt: date, updatedAt: date)
    }
}
