package import ControlPlaneTypes

/// Whether our revision may be sent now, after what has become of the deployment since the plan was made: a pure
/// decision (docs/failures.md, rows 12 and 23).
package enum SlotDecision: Sendable, Equatable {
    case clear
    /// Somebody has made what is wanted.
    case takeUp(RevisionID)
    /// Somebody's revision holds the deployment's one slot.
    case wait(RevisionID)
    /// What is there now is built from `commit`, which contains ours.
    case outdated(RevisionID, commit: String)

    /// What the plan was made on.
    package struct Plan: Sendable {
        package var wanted: DesiredRevision
        /// What served then.
        package var previous: RevisionID?
        /// Whether to deploy over the same commit and newer ones.
        package var force: Bool

        package init(wanted: DesiredRevision, previous: RevisionID?, force: Bool) {
            self.wanted = wanted
            self.previous = previous
            self.force = force
        }
    }

    /// `descends` tells whether a commit contains the wanted one; nil when that cannot be told.
    package static func decide(
        _ plan: Plan, now: DeploymentSnapshot, uploads: UploadIndex.Entries, descends: (String) async -> Bool?
    ) async -> SlotDecision {
        let underWay = now.underWay
        let goneLive = now.active.flatMap { $0.id == plan.previous ? nil : $0 }
        for revision in plan.force ? [] : underWay.prefix(1) + [goneLive].compactMap(\.self) {
            if plan.wanted.isMade(by: revision, uploads: uploads) { return .takeUp(revision.id) }
            guard let commit = revision.builtCommit(uploads: uploads), commit != plan.wanted.sha else { continue }
            if await descends(commit) == true { return .outdated(revision.id, commit: commit) }
        }
        return underWay.first.map { .wait($0.id) } ?? .clear
    }
}
