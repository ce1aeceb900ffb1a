import Clocks
import ControlPlaneTypes
import FoundationEssentials
import Reports
import Steps

/// What is live and what is under way, as text or JSON.
struct StatusReport: Sendable {
    let snapshots: [DeploymentSnapshot]
    let now: Date
    /// What this machine uploaded, for the sources whose commit the plane does not know.
    var uploads: UploadIndex.Entries = [:]

    func text(_ clean: TextSanitizer) -> String {
        guard !snapshots.isEmpty else { return "no deployments\n" }
        return snapshots.map { block($0, clean) }.joined(separator: "\n")
    }

    private func block(_ snapshot: DeploymentSnapshot, _ clean: TextSanitizer) -> String {
        let deployment = snapshot.deployment
        var lines = ["\(deployment.name)  \(deployment.id)  \(deployment.status)"]
        lines.append("  live       " + (snapshot.active.map(describe) ?? "nothing"))
        for revision in snapshot.revisions where revision.status.isUnderWay {
            lines.append("  under way  \(describe(revision))")
        }
        if let latest = snapshot.revisions.first, latest.id != snapshot.active?.id, !latest.status.isUnderWay {
            lines.append("  latest     \(describe(latest))")
        }
        if let url = deployment.servingURL { lines.append("  url        \(url)") }
        return lines.map(clean.line).joined(separator: "\n") + "\n"
    }

    private func describe(_ revision: Revision) -> String {
        let age = revision.createdAt?.date.map { Duration.seconds(max(now.timeIntervalSince($0), 0)).brief + " ago" }
        return [
            revision.id.rawValue, revision.status.rawValue,
            made(revision), age,
        ].compactMap(\.self).joined(separator: "  ")
    }

    private func made(_ revision: Revision) -> String {
        if let commit = revision.builtCommit(uploads: uploads) { return "commit \(commit.prefix(12))" }
        if revision.source == .externalDocker, let image = revision.image { return "image \(image)" }
        return "commit unknown"
    }

    private struct Row: Encodable {
        var id: String
        var name: String
        var status: String
        var url: String?
        var active: Version?
        var underWay: [Version]
    }

    private struct Version: Encodable {
        var id: String
        var status: String
        var commitSHA: String?
        var image: String?
        var createdAt: String?

        init(_ revision: Revision, _ uploads: UploadIndex.Entries) {
            id = revision.id.rawValue
            status = revision.status.rawValue
            commitSHA = revision.builtCommit(uploads: uploads)
            image = revision.source == .externalDocker ? revision.image?.text : nil
            createdAt = revision.createdAt?.text
        }
    }

    /// One array, an object for each deployment.
    func json() throws -> String {
        let rows = snapshots.map { snapshot in
            Row(
                id: snapshot.deployment.id.rawValue, name: snapshot.deployment.name,
                status: snapshot.deployment.status.rawValue, url: snapshot.deployment.servingURL,
                active: snapshot.active.map { Version($0, uploads) },
                underWay: snapshot.revisions.filter(\.status.isUnderWay).map { Version($0, uploads) })
        }
        return try StableJSON.pretty(rows, keys: .convertToSnakeCase)
    }
}
