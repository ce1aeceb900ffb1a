package import ControlPlane
package import ControlPlaneTypes
import Engine

/// The revisions a deployment can go back to, newest first.
package struct RollbackCandidates: Sendable {
    package let snapshot: DeploymentSnapshot

    package init(snapshot: DeploymentSnapshot) { self.snapshot = snapshot }

    /// Reads a deployment by its name or id, as far back as it takes to find `revision`, or any earlier one that was
    /// deployed.
    ///
    /// Throws `StepFailure` when there is none, and `ControlPlaneError`.
    package static func read(
        deployment: String, revision: String? = nil, client: ControlPlaneClient
    ) async throws -> RollbackCandidates {
        let reader = DeploymentReader(client: client)
        let isID = DeploymentID(deployment).isUUID
        guard
            let snapshot = try await reader.snapshot(
                name: isID ? nil : deployment, id: isID ? deployment : nil)
        else {
            throw StepFailure(
                .failed, code: "DeploymentMissing", "no deployment is named '\(deployment)'",
                hint: "see which there are with slipway status; is --tenant-id right?")
        }
        let older = try await reader.older(than: snapshot, wanted: revision) {
            RollbackCandidates(snapshot: snapshot).preferred == nil
        }
        return RollbackCandidates(
            snapshot: DeploymentSnapshot(
                deployment: snapshot.deployment, revisions: snapshot.revisions + older))
    }

    /// Those that were deployed and do not serve now.
    package var revisions: [Revision] {
        snapshot.revisions.filter { $0.status == .deployed && $0.id != snapshot.deployment.activeRevisionID }
    }

    /// Newer than the live one and not done yet.
    package var underWay: [Revision] { snapshot.underWay }

    /// The last one deployed before the live one, preferably from another commit.
    package var preferred: Revision? {
        let active = snapshot.active
        let older = snapshot.revisions.drop { $0.id != active?.id }.dropFirst()
        let deployed = (active == nil ? snapshot.revisions[...] : older).filter { $0.status == .deployed }
        return deployed.first { $0.commitSHA == nil || $0.commitSHA != active?.commitSHA } ?? deployed.first
    }

    /// Throws `StepFailure` when the named revision is not there, was never deployed or is live, or none can be chosen.
    package func target(_ named: String?) throws -> Revision {
        guard let named else {
            guard let preferred else {
                throw StepFailure(
                    .failed, code: "NoRollbackTarget",
                    "deployment '\(snapshot.deployment.name)' has no earlier revision that was deployed",
                    hint: "deploy a good commit instead")
            }
            return preferred
        }
        let matches = snapshot.revisions.filter { $0.id.rawValue.hasPrefix(named.lowercased()) }
        guard let revision = matches.first, matches.count == 1 else {
            throw StepFailure(
                .usage, code: "UnknownRevision",
                "'\(named)' names \(matches.isEmpty ? "no" : "more than one") revision of '\(snapshot.deployment.name)'",
                hint: "see slipway status \(snapshot.deployment.name), and set --to to a whole id")
        }
        guard revision.id != snapshot.deployment.activeRevisionID else {
            throw StepFailure(
                .usage, code: "LiveAlready", "revision \(revision.id) is the one that serves",
                hint: "set --to to an earlier one, or deploy its commit again with slipway deploy --force")
        }
        guard revision.status == .deployed else {
            throw StepFailure(
                .usage, code: "NeverDeployed", "revision \(revision.id) was never deployed (\(revision.status))",
                hint: "set --to to a revision that was")
        }
        return revision
    }
}

extension DeploymentID {
    /// Whether the text has a UUID's form: 8-4-4-4-12 hex digits.
    package var isUUID: Bool {
        rawValue.split(separator: "-", omittingEmptySubsequences: false).map(\.count) == [8, 4, 4, 4, 12]
            && rawValue.allSatisfy { $0 == "-" || $0.isHexDigit }
    }
}
