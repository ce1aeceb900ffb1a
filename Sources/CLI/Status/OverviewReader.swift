import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import History
import Steps

/// Reads all deployments with few requests: what is left of the budget goes to the revisions that neither the list of
/// deployments nor a record explains.
struct OverviewReader: Sendable {
    struct Overview: Sendable {
        var deployments: [DeploymentOverview] = []
        /// Whether the control plane may have more than it lists.
        var isTruncated = false
        /// Deployments whose newest or live revision could not be afforded.
        var unread = 0
    }

    /// Requests for one overview; more only where the list itself takes more.
    static let budget = 12
    /// As many as `slipway status` looks at to tell a rollback.
    private static let revisionCount = 20

    let client: ControlPlaneClient
    /// Those of this machine and of git notes.
    var records: [ChangeRecord] = []
    var uploads: UploadIndex.Entries = [:]
    var clone: CloneReader?
    let now: Date

    /// Throws `ControlPlaneError`.
    func read(where isWanted: (Deployment) -> Bool = { _ in true }) async throws -> Overview {
        let list = try await client.listAllDeployments()
        let recorded = Dictionary(grouping: records, by: \.deployment.id)
        let deployments = list.deployments.filter { !$0.status.isBeingDeleted && isWanted($0) }
        var drafts = deployments.map { deployment in
            Draft(deployment, records: recorded[deployment.id.rawValue] ?? [], uploads: uploads, now: now)
        }
        let unread = try await readRevisions(&drafts, budget: max(Self.budget - list.requests, 0))
        var overview = Overview(isTruncated: list.isTruncated, unread: unread)
        var clone = clone
        for draft in drafts {
            var row = draft.overview
            row.position = await clone?.position(of: row) ?? BranchPosition()
            overview.deployments.append(row)
        }
        return overview
    }

    /// Reads the newest revisions of the deployments that need them most, and returns how many are left out.
    private func readRevisions(_ drafts: inout [Draft], budget: Int) async throws -> Int {
        let needs = drafts.indices.compactMap { index in drafts[index].need.map { (index, need: $0) } }
        let wanted = needs.sorted { ($0.need, $0.0) < ($1.need, $1.0) }
        let chosen = wanted.prefix(budget).map(\.0)
        let requests = chosen.map { ($0, drafts[$0].deployment.id) }
        let lists = try await withThrowingTaskGroup(of: (Int, [Revision]).self) { group in
            for (index, id) in requests { group.addTask { (index, try await newest(of: id)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (index, revisions) in lists { drafts[index].add(revisions) }
        // The live one may stand behind those that were listed, or be listed without its commit.
        for index in chosen.filter({ drafts[$0].lacksLive }).prefix(budget - chosen.count) {
            guard let live = drafts[index].deployment.activeRevisionID,
                let revision = try await found({ try await client.revision(live, of: drafts[index].deployment.id) })
            else { continue }
            drafts[index].add([revision])
        }
        return wanted.dropFirst(chosen.count).count { $0.need < .since }
    }

    private func newest(of deployment: DeploymentID) async throws -> [Revision] {
        try await found { try await client.listRevisions(of: deployment, limit: Self.revisionCount).resources } ?? []
    }

    /// Nil for what was removed meanwhile.
    private func found<Answer>(_ read: () async throws -> Answer) async throws -> Answer? {
        do {
            return try await read()
        } catch let error as ControlPlaneError where error.kind == .notFound || error.kind == .rejected {
            return nil
        }
    }
}

/// A deployment while its revisions are read.
private struct Draft: Sendable {
    /// Why a request is worth spending, most urgent first.
    enum Need: Int, Comparable {
        case latest, commit, since
        /// Records tell since when it is live, and only the control plane's times tell which of them to believe.
        case proof

        static func < (one: Need, other: Need) -> Bool { one.rawValue < other.rawValue }
    }

    let deployment: Deployment
    let records: [ChangeRecord]
    let uploads: UploadIndex.Entries
    let now: Date
    private(set) var changes: RecordedChanges
    /// Newest first.
    private(set) var read: [Revision] = []
    private var known: KnownRevisions

    init(_ deployment: Deployment, records: [ChangeRecord], uploads: UploadIndex.Entries, now: Date) {
        (self.deployment, self.records, self.uploads, self.now) = (deployment, records, uploads, now)
        changes = RecordedChanges(
            records, of: DeploymentSnapshot(deployment: deployment, revisions: []), now: now)
        known = KnownRevisions(of: deployment, changes: changes, uploads: uploads)
    }

    var overview: DeploymentOverview {
        DeploymentOverview(deployment: deployment, revisions: known, changes: changes)
    }

    /// Nil if the list and the records explain everything.
    var need: Need? {
        if known.isLatestUnexplained { return .latest }
        guard let live = known.live else { return nil }
        if live.isUnidentified { return .commit }
        if live.liveSince == nil { return .since }
        return known.isLiveRead ? nil : .proof
    }

    var lacksLive: Bool {
        known.live.map { $0.isUnidentified || $0.liveSince == nil || !known.isLiveRead } ?? false
    }

    mutating func add(_ revisions: [Revision]) {
        for revision in revisions {
            if let index = read.firstIndex(where: { $0.id == revision.id }) {
                read[index] = revision
            } else {
                read.append(revision)
            }
        }
        changes = RecordedChanges(
            records, of: DeploymentSnapshot(deployment: deployment, revisions: read), now: now)
        known = KnownRevisions(of: deployment, read: read, changes: changes, uploads: uploads)
    }
}

extension KnownRevisions.Version {
    var isUnidentified: Bool { commitSHA == nil && image == nil }
}
