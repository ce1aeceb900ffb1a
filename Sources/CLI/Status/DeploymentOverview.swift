import ControlPlaneTypes
import FoundationEssentials
import Git
import History
import Steps

/// What `slipway status --all` knows of one deployment. What nobody says is nil, never a guess.
struct DeploymentOverview: Sendable {
    enum Finding: String, CaseIterable, Sendable {
        case behind
        case notOnABranch = "not-on-a-branch"
        case latestFailed = "latest-failed"
        case buildOnPush = "build-on-push"
        case underWay = "under-way"
        case commitUnknown = "commit-unknown"
        case neverLive = "never-live"

        /// Whether something else is live than the repository says, for `--detailed-exitcode`.
        var isDrift: Bool {
            switch self {
            case .behind, .notOnABranch, .latestFailed: true
            case .buildOnPush, .underWay, .commitUnknown, .neverLive: false
            }
        }
    }

    let deployment: Deployment
    let revisions: KnownRevisions
    let changes: RecordedChanges
    var position = BranchPosition()

    /// The branch that it tracks, or `refs/tags/NAME`.
    var branch: String? { deployment.trackedRef }

    var findings: [Finding] { Finding.allCases.filter(has) }

    /// Whether a commit is live that nothing was compared with, as outside a clone of its repository.
    var isNotCompared: Bool {
        revisions.live?.commitSHA != nil && position.behind == nil && position.isOnRemoteBranch == nil
            && branch?.hasPrefix("refs/tags/") != true
    }

    var hasDrifted: Bool { findings.contains(where: \.isDrift) }

    private func has(_ finding: Finding) -> Bool {
        switch finding {
        case .behind: position.behind.map { $0 > 0 } ?? false
        case .notOnABranch: position.isOnRemoteBranch == false
        case .buildOnPush: deployment.sourceConfig?.buildOnPush == true
        case .latestFailed: revisions.live != nil && revisions.latest?.status?.isFailure == true
        case .underWay: !revisions.underWay.isEmpty
        case .commitUnknown: revisions.live.map { $0.commitSHA == nil && $0.image == nil } ?? false
        case .neverLive: revisions.live == nil
        }
    }
}

/// The live and the newest revision of a deployment, from the list of deployments, from records and from what was read
/// beside them.
struct KnownRevisions: Sendable {
    struct Version: Sendable {
        let id: RevisionID
        /// Nil for one that was not read.
        var status: RevisionStatus?
        var commitSHA: String?
        var image: String?
        var createdAt: Timestamp?
        var liveSince: Timestamp?
        /// What it rolled back.
        var undone: String?
    }

    let live: Version?
    /// Nil for a deployment without revisions.
    let latest: Version?
    let underWay: [Version]
    let isLiveRead: Bool
    private let active: RevisionID?

    /// - Parameter read: newest first; empty if nothing but the list was read.
    init(
        of deployment: Deployment, read: [Revision] = [], changes: RecordedChanges = .none,
        uploads: UploadIndex.Entries = [:]
    ) {
        let known = RevisionSources(
            deployment: deployment, read: DeploymentSnapshot(deployment: deployment, revisions: read), changes: changes,
            uploads: uploads)
        (live, latest, underWay) = (known.live, known.latest, known.underWay)
        isLiveRead = known.read.active != nil
        active = deployment.activeRevisionID
    }

    /// Whether the newest revision is another one than the live one, and neither a record nor a read says how it ended.
    var isLatestUnexplained: Bool { latest.map { $0.id != active && $0.status == nil } ?? false }
}

/// Where the facts of revisions come from.
private struct RevisionSources {
    let deployment: Deployment
    let read: DeploymentSnapshot
    let changes: RecordedChanges
    let uploads: UploadIndex.Entries

    var live: KnownRevisions.Version? {
        guard let id = deployment.activeRevisionID else { return nil }
        var version = version(id)
        if let revision = read.active {
            version.liveSince = changes.liveSince(revision)
        } else {
            version.liveSince = changes.wentLive(inDeploymentCreatedAt: deployment.createdAt?.date)
                .map { Timestamp($0) }
        }
        version.undone = read.active.flatMap { read.rollback($0)?.undone.rawValue } ?? changes.undone(by: id.rawValue)
        return version
    }

    var latest: KnownRevisions.Version? {
        (read.revisions.first?.id ?? deployment.latestRevisionID).map(version)
    }

    var underWay: [KnownRevisions.Version] { read.revisions.filter(\.status.isInProgress).map { version($0.id) } }

    private func version(_ id: RevisionID) -> KnownRevisions.Version {
        let revision = read.revisions.first { $0.id == id }
        var version = KnownRevisions.Version(id: id, status: revision?.status ?? changes.finalStatus(of: id.rawValue))
        version.createdAt = revision?.createdAt
        let config = revision?.sourceRevisionConfig ?? configuration(of: id)
        version.commitSHA =
            config?.commit(uploads: uploads) ?? changes.revision(id.rawValue)?.commitSHA?.lowercased()
        if (revision?.source ?? deployment.source) == .externalDocker {
            version.image = config?.imageURI.flatMap { $0.isEmpty ? nil : $0 }
        }
        return version
    }

    /// A deployment in the list has the configuration of its newest revision.
    private func configuration(of id: RevisionID) -> SourceRevisionConfig? {
        id == deployment.latestRevisionID ? deployment.sourceRevisionConfig : nil
    }
}

extension SourceRevisionConfig {
    fileprivate func commit(uploads: UploadIndex.Entries) -> String? {
        var revision = Revision(id: RevisionID(""), status: .unknown)
        revision.sourceRevisionConfig = self
        return revision.builtCommit(uploads: uploads)
    }
}

extension Deployment {
    var trackedRef: String? {
        [sourceRevisionConfig?.repoRef, sourceConfig?.repoBranch].compactMap(\.self).first { !$0.isEmpty }
    }
}
