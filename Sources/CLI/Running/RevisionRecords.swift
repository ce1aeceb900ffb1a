import Clocks
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

/// What is recorded of some deployments.
struct DeploymentChanges: Sendable {
    var changes: [DeploymentID: RecordedChanges] = [:]
    /// What the git notes did not tell; nil if nothing.
    var gap: String?

    subscript(deployment: DeploymentID) -> RecordedChanges { changes[deployment] ?? .none }
}

extension RecordLookup {
    /// The recorded changes of deployments, from the journals of this machine and the git notes of this clone.
    func changes(of deployments: [Deployment]) async -> DeploymentChanges {
        let notes = await ofNotes(fetching: false)
        let journals = ofJournals(about: Set(deployments.map(\.id.rawValue)))
        let records = Dictionary(
            grouping: ChangeRecords.joined(journals: journals, notes: notes.records), by: \.deployment.id)
        var found = DeploymentChanges(gap: notes.gap)
        for deployment in deployments {
            found.changes[deployment.id] = RecordedChanges(
                records[deployment.id.rawValue] ?? [], live: deployment.activeRevisionID?.rawValue,
                latest: deployment.latestRevisionID?.rawValue, now: clock.date)
        }
        return found
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
