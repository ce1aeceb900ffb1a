import Clocks
import ControlPlaneTypes
import Foundation

/// What can be done with deployments, whoever asks for it.
struct DeploymentService: Sendable {
    let store: Store
    let revisions: RevisionFactory
    let reconciler: RevisionReconciler
    let registry: AgentRegistry
    let retention: RetentionService
    let ids: @Sendable () -> String
    let clock: any RunClock
    private let documents = DeploymentJSONCache()

    /// The documents of the deployments of one page.
    func list(_ filter: DeploymentFilter, slice: PageSlice) async throws -> [[UInt8]] {
        try await store.deployments(matching: filter, slice: slice, rendered: documents.document).map { listed in
            switch listed {
            case .rendered(let document):
                return document
            case .stored(let version, let record, let latest):
                let document = Array(try ResponseEncoding.bytes(of: DeploymentResponse(record, latest: latest)))
                documents.keep(document, of: version)
                return document
            }
        }
    }

    func create(_ new: NewDeployment, tenantID: String) async throws -> DeploymentResponse {
        try SourceValidation.check(new, listeners: try await store.listeners(of: tenantID))
        var deployment = DeploymentRecord(
            id: DeploymentID(ids()), tenantID: tenantID, name: new.name, source: new.source,
            sourceConfig: new.sourceConfig, configPath: new.revisionConfig.configPath,
            trackedRef: new.revisionConfig.repoRef, secrets: new.secrets, createdAt: clock.date, updatedAt: clock.date)
        let first = try await revisions.first(of: deployment, config: new.revisionConfig)
        deployment.latestRevisionID = first?.id
        deployment.watchedCommit = first?.config.repoCommitSHA
        guard try await store.create(deployment, firstRevision: first) else { throw APIProblem.nameTaken(new.name) }
        reconciler.wake()
        return DeploymentResponse(deployment, latest: first)
    }

    func patch(_ deployment: DeploymentRecord, _ change: DeploymentChange) async throws -> DeploymentResponse {
        try SourceValidation.check(change, to: deployment)
        if change.makesRevision {
            let added = try await add(change, to: deployment)
            return DeploymentResponse(added.deployment, latest: added.revision)
        }
        let date = clock.date
        let changed = try await store.update(deployment.id) { $0.take(change, at: date) }
        guard let changed else { throw APIProblem.noDeployment(deployment.id) }
        return try await answer(changed)
    }

    func addRevision(to deployment: DeploymentRecord, _ change: DeploymentChange) async throws -> Revision {
        try SourceValidation.check(change, to: deployment)
        return Revision(try await add(change, to: deployment).revision)
    }

    func redeploy(_ revision: RevisionRecord, of deployment: DeploymentRecord) async throws -> DeploymentResponse {
        let again = try await revisions.again(revision)
        guard let changed = try await store.add(again, change: { _ in }) else {
            throw APIProblem.noDeployment(deployment.id)
        }
        reconciler.wake()
        return DeploymentResponse(changed, latest: again)
    }

    func interrupt(_ revision: RevisionRecord) async throws -> Revision {
        guard let interrupted = try await reconciler.interrupt(revision.id) else {
            throw APIProblem.badRequest("Revision ID \(revision.id) is \(revision.status) and cannot be interrupted.")
        }
        return Revision(interrupted)
    }

    /// Takes a deployment out of service. Its name stays taken until `forceDelete`.
    func delete(_ deployment: DeploymentRecord) async throws {
        let date = clock.date
        try await store.update(deployment.id) { record in
            record.status = .awaitingDelete
            record.updatedAt = date
        }
        for revision in try await store.revisionsInProgress() where revision.deploymentID == deployment.id {
            _ = try await reconciler.interrupt(revision.id)
        }
        reconciler.retire(deployment.id)
    }

    func forceDelete(_ deployment: DeploymentRecord) async throws {
        guard deployment.status.isBeingDeleted else {
            throw APIProblem.badRequest("Deployment ID \(deployment.id) must be deleted before it is force-deleted.")
        }
        await registry.retire(deployment.id)
        try await retention.removeAll(of: deployment.id)
        try await store.remove(deployment.id)
    }

    func answer(_ record: DeploymentRecord) async throws -> DeploymentResponse {
        guard let latest = record.latestRevisionID else { return DeploymentResponse(record, latest: nil) }
        return DeploymentResponse(record, latest: try await store.revision(latest))
    }

    private func add(
        _ change: DeploymentChange, to deployment: DeploymentRecord
    ) async throws -> (deployment: DeploymentRecord, revision: RevisionRecord) {
        var changed = deployment
        changed.take(change, at: clock.date)
        let revision = try await revisions.next(of: changed, change)
        let stored = try await store.add(revision) { record in
            record.take(change, at: revision.createdAt)
            // Deployed by hand, the commit is no push any more.
            record.watchedCommit = revision.config.repoCommitSHA ?? record.watchedCommit
        }
        guard let stored else { throw APIProblem.noDeployment(deployment.id) }
        reconciler.wake()
        return (stored, revision)
    }
}

extension DeploymentRecord {
    /// Merges what a request names; what it leaves out stays.
    mutating func take(_ change: DeploymentChange, at date: Date) {
        let wanted = change.sourceConfig
        sourceConfig.buildOnPush = wanted.buildOnPush ?? sourceConfig.buildOnPush
        sourceConfig.installCommand = wanted.installCommand ?? sourceConfig.installCommand
        sourceConfig.buildCommand = wanted.buildCommand ?? sourceConfig.buildCommand
        sourceConfig.resourceSpec = wanted.resourceSpec ?? sourceConfig.resourceSpec
        configPath = change.revisionConfig.configPath ?? configPath
        // What lies at another branch already is no push.
        if let wanted = change.trackedRef, wanted != trackedRef { watchedCommit = nil }
        trackedRef = change.trackedRef ?? change.revisionConfig.repoRef ?? trackedRef
        secrets = SecretRules.replacing(secrets, with: change.secrets)
        displayName = change.displayName ?? displayName
        updatedAt = date
    }
}
