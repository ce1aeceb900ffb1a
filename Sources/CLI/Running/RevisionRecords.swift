import ControlPlaneTypes
import Engine
import FoundationEssentials
import History
import Steps

extension Dependencies {
    /// The records of the runs on this machine, and of the clone in the working directory.
    func records(_ state: StatePaths) -> RecordLookup {
        RecordLookup(state: state, folder: FileManager.default.currentDirectoryPath, clock: clock)
    }
}

extension RecordLookup {
    /// What the journals of this machine and the git notes of this clone say of the revisions of a deployment.
    @Sendable func revisions(of deployment: DeploymentID) async -> RecordedRevisions {
        let records = ChangeRecords.joined(
            journals: ofJournals(about: [deployment.rawValue]), notes: await ofNotes(fetching: false).records)
        return records.filter { $0.deployment.id == deployment.rawValue }.reduce(into: RecordedRevisions()) {
            $0.add($1)
        }
    }
}

extension RecordedRevisions {
    fileprivate mutating func add(_ record: ChangeRecord) {
        for revision in record.revisions ?? [] {
            switch RevisionSeen.Role(rawValue: revision.role) {
            case .ours: deploys.insert(RevisionID(revision.id))
            case .rollback: rollbacks.insert(RevisionID(revision.id))
            case nil: break
            }
        }
        // A control plane that starts the old revision again has made none.
        if let made = record.rollback?.revisionID, made != record.rollback?.toRevisionID {
            rollbacks.insert(RevisionID(made))
        }
    }
}
