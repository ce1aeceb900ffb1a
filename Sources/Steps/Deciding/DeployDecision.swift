package import ControlPlaneTypes
package import Engine

/// What has to be done so that the wanted commit serves: a pure decision over what was read.
package enum DeployDecision: Sendable, Equatable {
    /// The commit is live already.
    case upToDate(RevisionID)
    /// A revision of this commit is under way: watch it.
    case takeUp(RevisionID)
    case createDeployment
    case createRevision
    case refuse(StepFailure)

    /// What the plan is called in outputs and in `slipway plan`.
    package var action: String {
        switch self {
        case .upToDate: "none"
        case .takeUp: "take-up"
        case .createDeployment: "create"
        case .createRevision: "revise"
        case .refuse: "refuse"
        }
    }

    /// The choices a caller has made.
    package struct Policy: Sendable {
        package var mustExist = false
        package var force = false

        package init(mustExist: Bool = false, force: Bool = false) {
            self.mustExist = mustExist
            self.force = force
        }
    }

    /// `descends` tells whether a commit contains the wanted one; nil when that cannot be told.
    package static func decide(
        wanted: DesiredRevision, name: String, snapshot: DeploymentSnapshot?, policy: Policy,
        uploads: UploadIndex.Entries, descends: (String) async -> Bool?
    ) async -> DeployDecision {
        guard let snapshot else {
            return policy.mustExist ? .refuse(.missing(name)) : .createDeployment
        }
        if let failure = ImmutableFieldCheck.find(between: wanted, and: snapshot.deployment) { return .refuse(failure) }
        if policy.force { return .createRevision }
        if let active = snapshot.active, wanted.isMade(by: active, uploads: uploads) { return .upToDate(active.id) }
        let underWay = snapshot.underWay
        if let newest = underWay.first, wanted.isMade(by: newest, uploads: uploads) { return .takeUp(newest.id) }
        for revision in underWay.prefix(1) + [snapshot.active].compactMap(\.self) {
            guard let other = revision.builtCommit(uploads: uploads), other != wanted.sha else { continue }
            if await descends(other) == true { return .refuse(.outdated(wanted.sha, by: other, revision)) }
        }
        return .createRevision
    }
}

extension StepFailure {
    fileprivate static func missing(_ name: String) -> StepFailure {
        StepFailure(
            .failed, code: "DeploymentMissing", "no deployment is named '\(name)'",
            hint: "leave out --must-exist to create it, or correct --deployment")
    }

    static func outdated(_ sha: String, by other: String, _ revision: Revision) -> StepFailure {
        StepFailure(
            .superseded, code: "OutdatedCommit",
            "commit \(sha.prefix(12)) is older than \(other.prefix(12)), which contains it and is "
                + "\(revision.status.isUnderWay ? "under way" : "live") as revision \(revision.id)",
            hint: "deploy the newer commit, go back with slipway rollback, or use --force to overwrite it")
    }
}
