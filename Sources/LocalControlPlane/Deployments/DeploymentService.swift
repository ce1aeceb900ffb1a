import Clocks
import ControlPlaneTypes
import Foundation

/// The operations on deployments and revisions.
struct DeploymentService: Sendable {
    let store: Store
    let revisions: RevisionFactory
    let reconciler: RevisionReconciler
    let registry: AgentRegistry
    let retention: RetentionService
    let ids: @Sendable () -> String
    let clock: any RunClock
    private let cache = DeploymentJSONCache()

    /// The JSON of each deployment of one page.
    func list(_ filter: DeploymentFilter, slice: PageSlice) async throws -> [[UInt8]] {
        try await store.deployments(matching: filter, slice: slice, rendered: cache.json).map { listed in
            switch listed {
            case .rendered(let document):
                return document
            case .stored(let version, let record, let latest):
                let json = Array(try ResponseEncoding.bytes(of: DeploymentResponse(record, latest: latest)))
                cache.insert(json, of: version)
                return json
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
        if change.needsRevision {
            let added = try await add(change, to: deployment)
            return DeploymentResponse(added.deployment, latest: added.revision)
        }
        let date = clock.date
        let changed = try await store.update(deployment.id) { $0.apply(change, at: date) }
        guard let changed else { throw APIProblem.noDeployment(deployment.id) }
        return try await response(for: changed)
    }

    func addRevision(to deployment: DeploymentRecord, _ change: DeploymentChange) async throws -> Revision {
        try SourceValidation.check(change, to: deployment)
        return Revision(try await add(change, to: deployment).revision)
    }

    func redeploy(_ revision: RevisionRecord, of deployment: DeploymentRecord) async throws -> DeploymentResponse {
        let again = try await revisions.redeploy(revision)
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

    /// Starts to delete a deployment. Its name stays taken until `forceDelete` or a week has passed.
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

    func response(for record: DeploymentRecord) async throws -> DeploymentResponse {
        guard let latest = record.latestRevisionID else { return DeploymentResponse(record, latest: nil) }
        return DeploymentResponse(record, latest: try await store.revision(latest))
    }

    private func add(
        _ change: DeploymentChange, to deployment: DeploymentRecord
    ) async throws -> (deployment: DeploymentRecord, revision: RevisionRecord) {
        var changed = deployment
        changed.apply(change, at: clock.date)
        let revision = try await revisions.next(of: changed, change)
        let stored = try await store.add(revision) { record in
            record.apply(change, at: revision.createdAt)
            // A commit that was deployed by hand is not a push.
            record.watchedCommit = revision.config.repoCommitSHA ?? record.watchedCommit
        }
        guard let stored else { throw APIProblem.noDeployment(deployment.id) }
        reconciler.wake()
        return (stored, revision)
    }
}

extension DeploymentRecord {
    /// Applies the fields that a request names; the others stay.
    mutating func apply(_ change: DeploymentChange, at date: Date) {
        let wanted = change.sourceConfig
        sourceConfig.buildOnPush = wanted.buildOnPush ?? sourceConfig.buildOnPush
        sourceConfig.installCommand = wanted.installCommand ?? sourceConfig.installCommand
        sourceConfig.buildCommand = wanted.buildCommand ?? sourceConfig.buildCommand
        sourceConfig.resourceSpec = wanted.resourceSpec ?? sourceConfig.resourceSpec
        configPath = change.revisionConfig.configPath ?? configPath
        // The current commit of another branch is not a push.
        if let wanted = change.trackedRef, wanted != trackedRef { watchedCommit = nil }
        trackedRef = change.trackedRef ?? change.revisionConfig.repoRef ?? trackedRef
        secrets = SecretRules.replacing(secrets, with: change.secrets)
        displayName = change.displayName ?? displayName
        updatedAt = date
    }
}
