import Clocks
import ControlPlaneTypes
import Foundation
import Logging
import ServiceLifecycle

/// Removes builds, logs, archives and records that are no longer needed, so that the state directory stays bounded.
struct RetentionService: Service {
    private static let interval = Duration.seconds(3600)
    /// Seconds that the name of a deleted deployment stays taken: a week, as on LangSmith.
    static let nameRetention = 604_800.0
    /// Seconds after which an archive that no revision uses is removed; its URL has expired long before.
    static let uploadRetention = 86_400.0
    /// How often a folder is removed to which somebody still writes.
    private static let removalTries = 5
    /// Revision records kept per deployment.
    static let keptRevisions = 1000

    let store: Store
    let state: PlaneDirectory
    let clock: any RunClock
    let logger: Logger
    var removal = Removal { try FileManager.default.removeItem(at: $0) }

    /// Removes one file or folder.
    struct Removal: Sendable {
        let remove: @Sendable (URL) throws -> Void
    }

    /// Sweeps once an hour until the service group shuts down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await sweep() } while (try? await clock.sleep(for: Self.interval)) != nil
        }
    }

    /// Removes deleted deployments, unused uploads and old revision records. Logs a failure; the next sweep retries.
    func sweep() async {
        do {
            try await removeDeleted()
            try await removeUploads()
            try await store.pruneRevisions(keeping: Self.keptRevisions)
        } catch is CancellationError {
            return
        } catch {
            logger.warning("retention sweep failed", metadata: ["error": "\(error)"])
        }
    }

    /// Removes what `RetentionPolicy` does not keep of a deployment. A failure is logged; the next revision retries.
    func prune(_ deployment: DeploymentID) async {
        do {
            guard let record = try await store.deployment(deployment) else { return }
            let all = try await everyRevision(of: deployment)
            let kept = RetentionPolicy(revisions: all, active: record.activeRevisionID)
            try await removeTrees(Set(all.map(\.artifactID)).subtracting(kept.trees))
            for id in Set(all.map(\.id)).subtracting(kept.logs).subtracting(kept.trees) {
                try remove(state.folder(of: id))
            }
            for archive in Set(all.compactMap(\.config.sourceTarballPath)).subtracting(kept.archives) {
                try await removeUpload(archive)
            }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("cannot remove old builds", metadata: ["error": "\(error)"])
        }
    }

    /// Removes all files of a deployment that is being deleted. One that cannot be removed keeps none of the others;
    /// throws its error at the end.
    func removeAll(of deployment: DeploymentID) async throws {
        let folders = try await everyRevision(of: deployment).map { state.folder(of: $0.id) }
        let results = (folders + [state.uploads.appending(path: deployment.rawValue)]).map { folder in
            Result { try remove(folder) }
        }
        for result in results { try result.get() }
    }

    private func removeDeleted() async throws {
        let limit = clock.date.addingTimeInterval(-Self.nameRetention)
        for deployment in try await store.deployments(deletedBefore: limit) {
            try await removeAll(of: deployment)
            try await store.remove(deployment)
        }
    }

    private func removeUploads() async throws {
        let limit = clock.date.addingTimeInterval(-Self.uploadRetention)
        for path in try await store.uploadsWithoutRevision(before: limit) { try await removeUpload(path) }
    }

    private func removeUpload(_ path: String) async throws {
        try await store.removeUpload(path)
        try remove(state.root.appending(path: path))
    }

    /// The store is changed first, so that no revision is started from a tree that is half removed.
    private func removeTrees(_ artifacts: Set<RevisionID>) async throws {
        try await store.markUnbuilt(artifacts)
        for artifact in artifacts {
            let tree = state.tree(of: artifact)
            try remove(tree)
            try remove(VirtualEnvironment(of: tree).folder)
        }
    }

    private func everyRevision(of deployment: DeploymentID) async throws -> [RevisionRecord] {
        try await store.revisions(of: deployment, slice: PageSlice(limit: .max, offset: 0))
    }

    private func remove(_ file: URL) throws {
        // An upload URL that was never used has no file.
        guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return }
        for triesLeft in (0..<Self.removalTries).reversed() {
            do {
                return try removal.remove(file)
            } catch CocoaError.fileNoSuchFile {
                // A failed build may remove its own tree at the same time.
                return
            } catch  where triesLeft > 0 {
                // The log of an agent that is just ending may have got another file.
            }
        }
    }
}

/// Decides which of a deployment's builds, archives and logs are kept.
struct RetentionPolicy: Equatable {
    /// Built trees of revisions that were live, so that a rollback needs no build.
    private static let keptBuilds = 3
    /// Revisions whose archive is kept, so that they can be built again.
    private static let keptArchives = 10
    /// Revisions whose logs are kept.
    private static let keptLogs = 100

    private(set) var trees: Set<RevisionID>
    private(set) var archives: Set<String>
    private(set) var logs: Set<RevisionID>

    /// - Parameter revisions: all of the deployment, newest first.
    init(revisions: [RevisionRecord], active: RevisionID?) {
        let live = revisions.filter { $0.id == active || $0.status.isInProgress }
        let deployed = revisions.filter { $0.status == .deployed }.prefix(Self.keptBuilds)
        trees = Set((live + deployed).map(\.artifactID))
        archives = Set((live + revisions.prefix(Self.keptArchives)).compactMap(\.config.sourceTarballPath))
        logs = Set((live + revisions.prefix(Self.keptLogs)).map(\.id))
    }
}
