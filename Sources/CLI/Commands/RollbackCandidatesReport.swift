import ControlPlaneTypes
import FoundationEssentials
import Git
import History
import Reports
import Steps

/// The revisions that a rollback can bring back, as JSON for programs: what the prompt shows to people.
struct RollbackCandidatesReport: Sendable {
    let candidates: RollbackCandidates
    /// The uploads of this machine, for sources whose commit the control plane does not know.
    let uploads: UploadIndex.Entries
    let now: Date
    var changes = RecordedChanges.none

    private struct Document: Encodable {
        struct Deployment: Encodable {
            var id: String
            var name: String
            /// `prod` or `dev`, where the control plane says so.
            @Nullable var type: String?
        }

        struct Candidate: Encodable {
            var revision: RevisionJSON
            var isTarget: Bool
            @Nullable var mark: String?
            /// Why it was rolled back, where a record tells.
            @Nullable var reason: String?
            @Nullable var note: String?
            var changes: [String]
        }

        var deployment: Deployment
        @Nullable var live: RevisionJSON?
        var underWay: [RevisionJSON]
        var candidates: [Candidate]
    }

    func json() async throws -> String {
        let snapshot = candidates.snapshot
        let listed = Array(candidates.revisions.prefix(RollbackPrompt.shown))
        let shown = [snapshot.active].compactMap(\.self) + candidates.underWay + listed
        let text = await RevisionText.reading(shown.map(commit), now: now)
        var rows: [Document.Candidate] = []
        for revision in listed {
            rows.append(
                Document.Candidate(
                    revision: version(revision, text), isTarget: revision.id == candidates.preferred?.id,
                    mark: candidates.whyNotChosen(revision),
                    reason: RecordedChangeText(revisionText: text).whyRolledBack(revision.id.rawValue, in: changes),
                    note: text.rollback(revision, in: snapshot),
                    changes: await RevisionText.changes(from: commit(snapshot.active), to: commit(revision)) ?? []))
        }
        let deployment = snapshot.deployment
        let document = Document(
            deployment: Document.Deployment(
                id: deployment.id.rawValue, name: deployment.name, type: deployment.sourceConfig?.deploymentType),
            live: snapshot.active.map { version($0, text) },
            underWay: candidates.underWay.map { version($0, text) }, candidates: rows)
        return try StableJSON.pretty(document, keys: .convertToSnakeCase)
    }

    private func commit(_ revision: Revision?) -> String? { revision?.builtCommit(uploads: uploads) }

    private func version(_ revision: Revision, _ text: RevisionText) -> RevisionJSON {
        RevisionJSON(revision, in: candidates.snapshot, text, uploads: uploads)
    }
}
