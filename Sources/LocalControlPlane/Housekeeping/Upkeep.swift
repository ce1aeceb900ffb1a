import Clocks
import ControlPlaneTypes
import Foundation
import Logging
import ServiceLifecycle

/// Removes now and then what nobody will ask for any more, so that a plane can be left running.
struct Upkeep: Service {
    private static let interval = Duration.seconds(3600)
    /// Seconds that the name of a deleted deployment stays taken: a week, as on the service.
    static let nameRetention = 604_800.0
    /// Seconds after which an archive that no revision uses is gone: its URL has long expired.
    static let uploadRetention = 86_400.0
    /// Revisions that a deployment keeps on record.
    static let keptRevisions = 1000

    let store: Store
    let state: StateDirectory
    let housekeeping: Housekeeping
    let clock: any RunClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await sweep() } while (try? await clock.sleep(for: Self.interval)) != nil
        }
    }

    /// A failure is only noted: the next round tries again.
    func sweep() async {
        do {
            try await removeDeleted()
            try await removeUploads()
            try await store.pruneRevisions(keeping: Self.keptRevisions)
        } catch is CancellationError {
            return
        } catch {
            logger.warning("cannot clean up", metadata: ["error": "\(error)"])
        }
    }

    private func removeDeleted() async throws {
        let limit = clock.date.addingTimeInterval(-Self.nameRetention)
        for deployment in try await store.deployments(deletedBefore: limit) {
            try await housekeeping.removeAll(of: deployment)
            try await store.remove(deployment)
        }
    }

    private func removeUploads() async throws {
        let limit = clock.date.addingTimeInterval(-Self.uploadRetention)
        for path in try await store.uploadsWithoutRevision(before: limit) {
            try await store.removeUpload(path)
            // An upload that was announced and never sent has no file.
            _ = unlink(state.root.appending(path: path).path(percentEncoded: false))
        }
    }
}
