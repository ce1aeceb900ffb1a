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

    struct Latest: Encodable, Sendable {
        let id: String
        @Nullable var status: String?
        @Nullable var createdAt: String?
    }

    let id: String
    let name: String
    let status: String
    @Nullable var url: String?
    @Nullable var active: RevisionJSON?
    let underWay: [RevisionJSON]
    @Nullable var branch: String?
    @Nullable var behind: Int?
    @Nullable var latest: Latest?
    @Nullable var buildOnPush: Bool?
    let findings: [String]
    @Nullable var lastChange: ChangeJSON?
    let verdicts: [String]

    init(_ overview: DeploymentOverview) {
        let deployment = overview.deployment
        (id, name, status) = (deployment.id.rawValue, deployment.name, deployment.status.rawValue)
        url = deployment.servingURL
        let commit = overview.position.commit
        active = overview.revisions.live.map { live in
            var version = RevisionJSON(live)
            (version.subject, version.author) = (commit?.subject, commit?.authorName)
            return version
        }
        underWay = overview.revisions.underWay.map { RevisionJSON($0) }
        branch = overview.branch
        behind = overview.position.behind
        latest = overview.revisions.latest.map {
            Latest(id: $0.id.rawValue, status: $0.status?.rawValue, createdAt: $0.createdAt?.text)
        }
        buildOnPush = deployment.sourceConfig?.buildOnPush
        findings = overview.findings.map(\.rawValue)
        lastChange = overview.changes.last.map { ChangeJSON($0) }
        verdicts = overview.changes.changes.filter { $0.outcome != .running }.suffix(Self.verdictCount).map(
            \.outcome.rawValue)
    }

    /// One array with an object for each deployment.
    static func text(_ deployments: [DeploymentOverview]) throws -> String {
        try StableJSON.pretty(deployments.map { OverviewJSON($0) }, keys: .convertToSnakeCase)
    }
}

extension RevisionJSON {
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
