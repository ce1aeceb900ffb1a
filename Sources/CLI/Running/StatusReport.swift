import Clocks
import ControlPlaneTypes
import FoundationEssentials
import Reports
import Steps

/// What is live and what is under way, as text or JSON.
struct StatusReport: Sendable {
    let snapshots: [DeploymentSnapshot]
    let now: Date

    func text(_ clean: UntrustedText) -> String {
        guard !snapshots.isEmpty else { return "no deployments\n" }
        return snapshots.map { block($0, clean) }.joined(separator: "\n")
    }

    private func block(_ snapshot: DeploymentSnapshot, _ clean: UntrustedText) -> String {
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
            revision.commitSHA.map { "commit \($0.prefix(12))" } ?? "commit unknown", age,
        ].compactMap(\.self).joined(separator: "  ")
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
        var createdAt: String?

        init(_ revision: Revision) {
            id = revision.id.rawValue
            status = revision.status.rawValue
            commitSHA = revision.commitSHA
            createdAt = revision.createdAt?.text
        }
    }

    /// One array, an object for each deployment.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let rows = snapshots.map { snapshot in
            Row(
                id: snapshot.deployment.id.rawValue, name: snapshot.deployment.name,
                status: snapshot.deployment.status.rawValue, url: snapshot.deployment.servingURL,
                active: snapshot.active.map(Version.init),
                underWay: snapshot.revisions.filter(\.status.isUnderWay).map(Version.init))
        }
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }
}
