package import ControlPlaneTypes

/// What the records of runs say of the revisions of a deployment: the control plane does not say which of them is a rollback.
package struct RecordedRevisions: Sendable {
    package var rollbacks: Set<RevisionID>
    package var deploys: Set<RevisionID>

    package init(rollbacks: Set<RevisionID> = [], deploys: Set<RevisionID> = []) {
        (self.rollbacks, self.deploys) = (rollbacks, deploys)
    }
}

/// Reads what the records of runs say of the revisions of a deployment, as it was read.
package typealias RevisionRecords = @Sendable (DeploymentSnapshot) async -> RecordedRevisions
