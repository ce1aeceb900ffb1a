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
    @Sendable func revisions(of snapshot: DeploymentSnapshot) async -> RecordedRevisions {
        let deployment = snapshot.deployment.id.rawValue
        let records = ChangeRecords.joined(
            journals: ofJournals(about: [deployment]), notes: await ofNotes(fetching: false).records)
        let own = records.filter { $0.deployment.id == deployment }
        let makers = RevisionMakers(own, times: snapshot.times, now: clock.date)
        return own.reduce(into: RecordedRevisions()) { $0.add($1, makers) }
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
    func changes(of snapshots: [DeploymentSnapshot]) async -> DeploymentChanges {
        let notes = await ofNotes(fetching: false)
        let journals = ofJournals(about: Set(snapshots.map(\.deployment.id.rawValue)))
        let records = Dictionary(
            grouping: ChangeRecords.joined(journals: journals, notes: notes.records), by: \.deployment.id)
        var found = DeploymentChanges(gap: notes.gap)
        for snapshot in snapshots {
            let id = snapshot.deployment.id
            found.changes[id] = RecordedChanges(records[id.rawValue] ?? [], of: snapshot, now: clock.date)
        }
        return found
    }
}

extension RecordedChanges {
    init(_ records: [ChangeRecord], of snapshot: DeploymentSnapshot, now: Date) {
        self.init(
            records, live: snapshot.deployment.activeRevisionID?.rawValue,
            latest: snapshot.deployment.latestRevisionID?.rawValue,
            times: snapshot.times, now: now)
    }

    /// When the live revision went live, as `slipway history` says it.
    func liveSince(_ revision: Revision) -> Timestamp? {
        guard let last = revision.liveSince, let date = wentLive(revision.times), date != last.date else {
            return revision.liveSince
        }
        return Timestamp(date)
    }
}

extension DeploymentSnapshot {
    fileprivate var times: [String: RevisionTimes] {
        Dictionary(revisions.map { ($0.id.rawValue, $0.times) }) { first, _ in first }
    }
}

extension Revision {
    fileprivate var times: RevisionTimes { RevisionTimes(createdAt: createdAt?.date, updatedAt: updatedAt?.date) }
}

extension RecordedRevisions {
    fileprivate mutating func add(_ record: ChangeRecord, _ makers: RevisionMakers) {
        for revision in record.revisions ?? [] where makers.isMaker(record, of: revision.id) {
            switch RevisionSeen.Role(rawValue: revision.role) {
            case .ours: deploys.insert(RevisionID(revision.id))
            case .rollback: rollbacks.insert(RevisionID(revision.id))
            case nil: break
            }
        }
        // A control plane that starts the old revision again has made none.
        if let made = record.rollback?.revisionID, made != record.rollback?.toRevisionID,
            makers.isMaker(record, of: made)
        {
            rollbacks.insert(RevisionID(made))
        }
    }
}
