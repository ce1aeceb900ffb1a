import ControlPlaneTypes
import Foundation
import Logging

/// Keeps the state folder from growing without end.
struct Housekeeping: Sendable {
    let store: Store
    let state: StateDirectory
    let logger: Logger

    /// Removes what the policy does not keep. A failure is only noted: the next revision tidies again.
    func tidy(_ deployment: DeploymentID) async {
        do {
            guard let record = try await store.deployment(deployment) else { return }
            let all = try await everyRevision(of: deployment)
            let policy = KeepPolicy(revisions: all, active: record.activeRevisionID)
            try await removeTrees(Set(all.map(\.artifactID)).subtracting(policy.trees))
            for id in Set(all.map(\.id)).subtracting(policy.logs).subtracting(policy.trees) {
                try remove(state.folder(of: id))
            }
            for archive in Set(all.compactMap(\.config.sourceTarballPath)).subtracting(policy.archives) {
                try await store.removeUpload(archive)
                try remove(state.root.appending(path: archive))
            }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("cannot tidy up", metadata: ["error": "\(error)"])
        }
    }

    /// Removes everything on disk of a deployment that is deleted.
    func removeAll(of deployment: DeploymentID) async throws {
        for revision in try await everyRevision(of: deployment) {
            try remove(state.folder(of: revision.id))
        }
        try remove(state.uploads.appending(path: deployment.rawValue))
    }

    /// The store forgets a build before it goes: nobody is sent to a tree that is half removed.
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
        guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return }
        do {
            try FileManager.default.removeItem(at: file)
        } catch CocoaError.fileNoSuchFile {
            // A build that failed meanwhile has removed its own.
        }
    }
}
