import Clocks
import ControlPlaneTypes
import Foundation

/// Makes revisions: pins the commit or the archive that each is built from.
struct RevisionFactory: Sendable {
    /// The configuration file that an uploaded source has when its request names none.
    private static let defaultConfigPath = "langgraph.json"

    let store: Store
    let catalog: RepositoryCatalog
    let ids: @Sendable () -> String
    let clock: any RunClock

    /// - Returns: nil for a source that is uploaded only after its deployment was made.
    func first(of deployment: DeploymentRecord, config: SourceRevisionConfig) async throws -> RevisionRecord? {
        guard deployment.source == .github else { return nil }
        return try await fromCommit(of: deployment, ref: config.repoRef)
    }

    /// - Parameter deployment: with the change already applied.
    func next(of deployment: DeploymentRecord, _ change: DeploymentChange) async throws -> RevisionRecord {
        let source = change.revisionSource ?? (change.revisionConfig.sourceTarballPath == nil ? nil : .internalSource)
        switch source ?? deployment.source {
        case .github: return try await fromCommit(of: deployment, ref: change.revisionConfig.repoRef)
        default: return try await fromArchive(of: deployment, change.revisionConfig.sourceTarballPath)
        }
    }

    /// A new revision of what an older one was built from; what is built already is not built again.
    ///
    /// - Throws: `APIProblem` (400) when it would have to be built and its archive is not kept any more.
    func again(_ revision: RevisionRecord) async throws -> RevisionRecord {
        if !revision.isBuilt, let archive = revision.config.sourceTarballPath, try await store.upload(archive) == nil {
            throw APIProblem.badRequest("The source archive of revision ID \(revision.id) is not kept any more.")
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
                "'source_revision_config.source_tarball_path' names no archive uploaded for this deployment")
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
