import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import History
import Steps

/// What is known of one deployment.
struct DeploymentHistory: Sendable {
    let id: String
    let name: String
    /// Newest first.
    let entries: [HistoryEntry]
}

/// Reads revisions and records, and joins them.
struct HistoryReader: Sendable {
    struct Change: Sendable {
        let deployment: DeploymentHistory
        let entry: HistoryEntry
    }

    let client: ControlPlaneClient
    let lookup: RecordLookup
    /// Of git notes.
    let notes: [ChangeRecord]
    let uploads: UploadIndex.Entries
    let limit: Int
    let since: Date?
    let now: Date

    /// Revisions below the last that is shown, so that what a rollback took away and the end of a period are known.
    private static let context = 20
    private static let page = 100

    /// Throws `StepFailure` for a deployment that neither the control plane nor a record knows, and `ControlPlaneError`.
    func read(_ name: String?) async throws -> [DeploymentHistory] {
        guard let name else {
            let found = try await client.allDeployments().filter { !$0.status.isBeingDeleted }
            let records = known(about: [])
            var histories: [DeploymentHistory] = []
            for deployment in found { histories.append(try await history(of: deployment, records)) }
            return histories
        }
        if let deployment = try await find(name) {
            let about: Set = [deployment.id.rawValue]
            return [try await history(of: deployment, known(about: about))]
        }
        let records = known(about: [name]).filter {
            $0.deployment.id == name || $0.deployment.name == name
        }
        guard !records.isEmpty else {
            throw await RollbackCandidates.missing(name, client)
        }
        return Set(records.map(\.deployment.id)).sorted().map { id in
            let timeline = HistoryTimeline(deployment: id, revisions: [], live: nil, records: records, now: now)
            return DeploymentHistory(id: id, name: name, entries: timeline.entries)
        }
    }

    private func known(about texts: Set<String>) -> [ChangeRecord] {
        ChangeRecords.joined(journals: lookup.ofJournals(about: texts), notes: notes)
    }

    /// The changes to show, newest first.
    func newest(of histories: [DeploymentHistory]) -> [Change] {
        let changes = histories.flatMap { history in
            history.entries.filter(isWanted).map { Change(deployment: history, entry: $0) }
        }
        // The entries of one deployment are in order already, whatever their times say.
        guard histories.count > 1 else { return Array(changes.prefix(limit)) }
        let sorted = changes.enumerated().sorted { one, other in
            let (first, second) = (one.element.entry.moment, other.element.entry.moment)
            return first == second ? one.offset < other.offset : first > second
        }
        return sorted.prefix(limit).map(\.element)
    }

    private func isWanted(_ entry: HistoryEntry) -> Bool {
        guard let since, !entry.isLive else { return true }
        return max(entry.moment, entry.live?.to ?? .distantPast) >= since
    }

    private func find(_ name: String) async throws -> Deployment? {
        guard DeploymentID(name).isUUID else { return try await client.deployment(named: name) }
        do {
            return try await client.deployment(DeploymentID(name))
        } catch let error as ControlPlaneError where error.kind == .notFound {
            return nil
        }
    }

    private func history(of deployment: Deployment, _ records: [ChangeRecord]) async throws -> DeploymentHistory {
        var (revisions, isComplete) = try await newestRevisions(of: deployment)
        if let live = deployment.activeRevisionID, !revisions.contains(where: { $0.id == live }) {
            revisions.append(try await client.revision(live, of: deployment.id))
            isComplete = false
        }
        let snapshot = DeploymentSnapshot(deployment: deployment, revisions: revisions)
        let listed = revisions.enumerated().map { index, revision in
            // Deeper ones are not shown, and each takes a look at all that are older.
            row(of: revision, index < limit + Self.context ? snapshot.rollback(revision) : nil)
        }
        let timeline = HistoryTimeline(
            deployment: deployment.id.rawValue, revisions: listed, isComplete: isComplete,
            live: deployment.activeRevisionID?.rawValue, records: records, now: now)
        return DeploymentHistory(id: deployment.id.rawValue, name: deployment.name, entries: timeline.entries)
    }

    /// As many as are needed, and whether these are all.
    private func newestRevisions(of deployment: Deployment) async throws -> ([Revision], Bool) {
        var revisions: [Revision] = []
        var known: Set<RevisionID> = []
        while true {
            let page = try await client.listRevisions(of: deployment.id, limit: Self.page, offset: revisions.count)
            let new = page.resources.filter { known.insert($0.id).inserted }
            revisions += new
            // A control plane that ignores the offset answers the same page again.
            if page.resources.count < Self.page { return (revisions, true) }
            if new.isEmpty || revisions.count >= limit + Self.context { return (revisions, false) }
        }
    }

    private func row(
        of revision: Revision, _ rollback: (undone: RevisionID, target: RevisionID)?
    ) -> HistoryTimeline.ListedRevision {
        var listed = HistoryTimeline.ListedRevision(id: revision.id.rawValue, status: revision.status)
        listed.commitSHA = revision.builtCommit(uploads: uploads)
        listed.image = revision.source == .externalDocker ? revision.image?.text : nil
        (listed.createdAt, listed.updatedAt) = (revision.createdAt?.date, revision.updatedAt?.date)
        listed.rollback = rollback.map { ($0.undone.rawValue, $0.target.rawValue) }
        return listed
    }
}

extension HistoryEntry {
    /// When it went live, else when it began.
    var moment: Date { live?.from ?? createdAt ?? .distantPast }
}
