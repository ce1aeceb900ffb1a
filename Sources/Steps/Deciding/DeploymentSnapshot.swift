package import ControlPlaneTypes
import FoundationEssentials

/// A deployment and its newest revisions (newest first), read before anything is changed.
package struct DeploymentSnapshot: Sendable {
    package var deployment: Deployment
    package var revisions: [Revision]

    package init(deployment: Deployment, revisions: [Revision]) {
        self.deployment = deployment
        self.revisions = revisions
    }

    package var active: Revision? {
        deployment.activeRevisionID.flatMap { id in revisions.first { $0.id == id } }
    }

    /// Newer than the live one and not done yet, newest first.
    package var underWay: [Revision] {
        revisions.prefix { $0.id != deployment.activeRevisionID }.filter(\.status.isUnderWay)
    }

    /// From creation to DEPLOYED, newest first, of those that got there.
    package var pastDurations: [Duration] {
        revisions.filter { $0.status == .deployed }.compactMap { revision in
            guard let start = revision.createdAt?.date, let end = revision.updatedAt?.date else { return nil }
            return .seconds(end.timeIntervalSince(start))
        }
    }
}
