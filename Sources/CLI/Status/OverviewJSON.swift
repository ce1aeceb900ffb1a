import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import History
import Reports

/// `slipway status --all --output json`: the objects of `slipway status --output json`, with what an overview adds.
///
/// Every key is present; what is not known is `null`.
struct OverviewJSON: Encodable, Sendable {
    /// As many of the newest changes as `verdicts` has.
    private static let verdictCount = 20

    struct Version: Encodable, Sendable {
        let id: String
        @Nullable var status: String?
        @Nullable var commitSHA: String?
        @Nullable var image: String?
        @Nullable var createdAt: String?
        @Nullable var liveSince: String?
        @Nullable var subject: String?
        @Nullable var author: String?
        @Nullable var rollbackOf: String?
    }

    struct Latest: Encodable, Sendable {
        let id: String
        @Nullable var status: String?
        @Nullable var createdAt: String?
    }

    struct Change: Encodable, Sendable {
        @Nullable var kind: String?
        let verdict: String
        @Nullable var actor: String?
        @Nullable var host: String?
        @Nullable var runURL: String?
        @Nullable var reason: String?
        @Nullable var at: String?
    }

    let id: String
    let name: String
    let status: String
    @Nullable var url: String?
    @Nullable var active: Version?
    let underWay: [Version]
    @Nullable var branch: String?
    @Nullable var behind: Int?
    @Nullable var latest: Latest?
    @Nullable var buildOnPush: Bool?
    let findings: [String]
    @Nullable var lastChange: Change?
    let verdicts: [String]

    init(_ overview: DeploymentOverview) {
        let deployment = overview.deployment
        (id, name, status) = (deployment.id.rawValue, deployment.name, deployment.status.rawValue)
        url = deployment.servingURL
        let commit = overview.position.commit
        active = overview.revisions.live.map { live in
            var version = Version(live)
            (version.subject, version.author) = (commit?.subject, commit?.authorName)
            return version
        }
        underWay = overview.revisions.underWay.map { Version($0) }
        branch = overview.branch
        behind = overview.position.behind
        latest = overview.revisions.latest.map {
            Latest(id: $0.id.rawValue, status: $0.status?.rawValue, createdAt: $0.createdAt?.text)
        }
        buildOnPush = deployment.sourceConfig?.buildOnPush
        findings = overview.findings.map(\.rawValue)
        lastChange = overview.changes.changes.last.map { Change($0) }
        verdicts = overview.changes.changes.suffix(Self.verdictCount).map(\.outcome.rawValue)
    }

    /// One array with an object for each deployment.
    static func text(_ deployments: [DeploymentOverview]) throws -> String {
        try StableJSON.pretty(deployments.map { OverviewJSON($0) }, keys: .convertToSnakeCase)
    }
}

extension OverviewJSON.Version {
    fileprivate init(_ version: KnownRevisions.Version) {
        id = version.id.rawValue
        status = version.status?.rawValue
        commitSHA = version.commitSHA
        image = version.image
        createdAt = version.createdAt?.text
        liveSince = version.liveSince?.text
        rollbackOf = version.undone
    }
}

extension OverviewJSON.Change {
    fileprivate init(_ change: RecordedChanges.Change) {
        let actor = change.record.actor
        kind = change.record.kind?.rawValue
        verdict = change.outcome.rawValue
        self.actor = actor?.person
        host = actor?.host
        runURL = actor?.runURL
        reason = change.record.reason
        at = change.date.map(EventTimestamp.text)
    }
}
