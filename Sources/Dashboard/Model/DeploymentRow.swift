import Foundation

/// A deployment as `slipway status --output json` shows it; keys that an older slipway lacks are nil.
struct DeploymentRow: Decodable, Sendable, Equatable {
    var id: String
    var name: String
    var status: String?
    var url: String?
    var active: RevisionRow?
    var underWay: [RevisionRow]?
    var latest: RevisionRow?
    var branch: String?
    /// How many commits the branch is ahead of what is live.
    var behind: Int?
    var findings: [String]?
    var lastChange: LastChange?
    /// Of the last deploys and rollbacks, oldest first.
    var verdicts: [String]?

    struct LastChange: Decodable, Sendable, Equatable {
        var kind: String?
        var verdict: String?
        var actor: String?
        var host: String?
        var runUrl: String?
        var reason: String?
        var at: String?
    }

    /// How the last deploy or rollback went.
    enum Health: String, Sendable, CaseIterable {
        case live, underWay = "under-way", failed, never
    }

    var health: Health {
        if underWay?.isEmpty == false { return .underWay }
        if let status = latest?.status, RevisionStatusWord(status).isFailure { return .failed }
        if findings?.contains("latest-failed") == true { return .failed }
        return active == nil ? .never : .live
    }

    /// What differs from the repository, as `slipway status --detailed-exitcode` counts it.
    var drift: [String] { (findings ?? []).filter { ["behind", "not-on-a-branch"].contains($0) } }

    /// Whether the newest revision is live and a rollback made it.
    var isRolledBack: Bool {
        guard let active else { return false }
        return health == .live && active.rollbackOf != nil && latest.map { $0.id == active.id } ?? true
    }

    /// What else there is to know, besides how the last rollout went.
    var remarks: [String] { (findings ?? []).filter { ["build-on-push", "commit-unknown"].contains($0) } }

    var needsAttention: Bool { health != .live || !drift.isEmpty }

    /// With what is live and under way now, read after the list.
    func updated(by now: DeploymentRow) -> DeploymentRow {
        var row = self
        (row.status, row.url, row.active, row.underWay) = (now.status, now.url, now.active, now.underWay)
        let isKnown = ([now.active] + (now.underWay ?? [])).contains { $0?.id == row.latest?.id }
        if isKnown || now.underWay?.isEmpty == false || now.active?.id != active?.id {
            // The newest one is one of these, so what the list knew to have failed is not the last word.
            row.latest = now.underWay?.first ?? now.active
            row.findings = findings?.filter { $0 != "latest-failed" }
        }
        if now.active?.commitSha != nil { row.findings = row.findings?.filter { $0 != "commit-unknown" } }
        return row
    }

    /// What commands get: the name, or the id where a name could be taken for a flag.
    var argument: String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isPlain && !name.hasPrefix("-") && !name.isEmpty ? name : id
    }
}

/// A revision as `slipway status` and `slipway rollback --candidates` show it.
struct RevisionRow: Decodable, Sendable, Equatable {
    var id: String
    var status: String?
    var commitSha: String?
    var image: String?
    var createdAt: String?
    var liveSince: String?
    var subject: String?
    var author: String?
    var rollbackOf: String?

    var shortID: String { String(id.prefix(8)) }

    /// What it was built from, abbreviated.
    var source: String { commitSha.map { String($0.prefix(12)) } ?? image ?? "commit unknown" }
}

/// A status of a revision in words and with a kind of the style sheet.
struct RevisionStatusWord: Sendable {
    let status: String

    init(_ status: String) { self.status = status }

    var isFailure: Bool { status.hasSuffix("_FAILED") || status == "INTERRUPTED" }

    var kind: String { status == "DEPLOYED" ? "success" : isFailure ? "failure" : "running" }

    var text: String { status.lowercased().replacing("_", with: " ") }
}
