import Clocks
import ControlPlaneTypes
import FoundationEssentials
import Git
import History
import Redaction
import Reports
import Steps

/// The live revision of each deployment and what is in progress, as text or JSON.
struct StatusReport: Sendable {
    let snapshots: [DeploymentSnapshot]
    let revisionText: RevisionText
    /// The uploads of this machine, for sources whose commit the control plane does not know.
    var uploads: UploadIndex.Entries = [:]
    var changes = DeploymentChanges()

    func text(_ clean: TextSanitizer) -> String {
        guard !snapshots.isEmpty else { return "no deployments\n" }
        return snapshots.map { block($0, clean) }.joined(separator: "\n")
    }

    private func block(_ snapshot: DeploymentSnapshot, _ clean: TextSanitizer) -> String {
        let deployment = snapshot.deployment
        var lines = ["\(deployment.name)  \(deployment.id)  \(deployment.status)"]
        lines.append("  live         " + (snapshot.active.map { describe($0, snapshot) } ?? "none"))
        let recorded = changes[deployment.id]
        let text = RecordedChangeText(revisionText: revisionText)
        lines += text.lines(ofLive: recorded).map { "  " + ConsoleSummary.column($0) + $1 }
        lines += text.runs(in: recorded).map { "  " + ConsoleSummary.column("running") + $0 }
        for revision in snapshot.revisions where revision.status.isInProgress {
            lines.append("  in progress  \(describe(revision, snapshot))")
        }
        if let latest = snapshot.revisions.first, latest.id != snapshot.active?.id, !latest.status.isInProgress {
            lines.append("  latest       \(describe(latest, snapshot))")
        }
        if let url = deployment.servingURL { lines.append("  url          \(url)") }
        return lines.map(clean.line).joined(separator: "\n") + "\n"
    }

    /// The time of a live revision is when it went live, of another one when it was created.
    private func describe(_ revision: Revision, _ snapshot: DeploymentSnapshot) -> String {
        let isLive = revision.id == snapshot.active?.id
        return [
            revision.id.rawValue, revision.status.rawValue, source(of: revision),
            revisionText.subject(of: revision.builtCommit(uploads: uploads)),
            revisionText.rollback(revision, in: snapshot),
            revisionText.age(
                of: isLive ? changes[snapshot.deployment.id].liveSince(revision) : revision.createdAt),
        ].compactMap(\.self).joined(separator: "  ")
    }

    private func source(of revision: Revision) -> String {
        if let commit = revision.builtCommit(uploads: uploads) { return "commit \(commit.prefix(12))" }
        if revision.source == .externalDocker, let image = revision.image { return "image \(image)" }
        return "commit unknown"
    }

    private struct Row: Encodable {
        var id: String
        var name: String
        var status: String
        var url: String?
        var active: RevisionJSON?
        /// The recorded change that made it live.
        var madeLive: ChangeJSON?
        var underWay: [RevisionJSON]
    }

    private func row(_ revision: Revision, _ snapshot: DeploymentSnapshot) -> RevisionJSON {
        var row = RevisionJSON(revision, in: snapshot, revisionText, uploads: uploads)
        row.omitsUnknown = true
        if row.liveSince != nil { row.liveSince = changes[snapshot.deployment.id].liveSince(revision)?.text }
        return row
    }

    /// One array with an object for each deployment.
    func json() throws -> String {
        let rows = snapshots.map { snapshot in
            Row(
                id: snapshot.deployment.id.rawValue, name: snapshot.deployment.name,
                status: snapshot.deployment.status.rawValue, url: snapshot.deployment.servingURL,
                active: snapshot.active.map { row($0, snapshot) },
                madeLive: changes[snapshot.deployment.id].ofLive.map { ChangeJSON($0) },
                underWay: snapshot.revisions.filter(\.status.isInProgress).map { row($0, snapshot) })
        }
        return try StableJSON.pretty(rows, keys: .convertToSnakeCase)
    }
}
