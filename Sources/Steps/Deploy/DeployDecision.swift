package import ControlPlaneTypes
package import Engine
import Git

/// What has to be done to make the desired commit live: a pure decision over what was read.
package enum DeployDecision: Sendable, Equatable {
    /// The commit is live already.
    case upToDate(RevisionID)
    /// A revision of this commit is in progress: wait for it.
    case follow(RevisionID)
    case createDeployment
    case createRevision
    case refuse(StepFailure)

    /// What the plan says; nil for a refusal.
    package var action: DeployPlan.Action? {
        switch self {
        case .upToDate: DeployPlan.Action.none
        case .follow: .follow
        case .createDeployment: .create
        case .createRevision: .revise
        case .refuse: nil
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

    /// `newer` are the commits that contain the desired one.
    package static func decide(
        desired: DesiredRevision, name: String, snapshot: DeploymentSnapshot?, policy: Policy,
        uploads: UploadIndex.Entries, newer: Set<String> = []
    ) -> DeployDecision {
        guard let snapshot else {
            return policy.mustExist ? .refuse(.missing(name)) : .createDeployment
        }
        if let failure = ImmutableFieldCheck.find(between: desired, and: snapshot.deployment) {
            return .refuse(failure)
        }
        if policy.force { return .createRevision }
        if let active = snapshot.active, desired.isMade(by: active, uploads: uploads) { return .upToDate(active.id) }
        if let newest = snapshot.underWay.first, desired.isMade(by: newest, uploads: uploads) {
            return .follow(newest.id)
        }
        for (revision, commit) in rivals(of: desired, in: snapshot, uploads) where newer.contains(commit) {
            return .refuse(.outdated(desired.sha, by: commit, revision))
        }
        return .createRevision
    }

    /// The commits that a new revision would replace: whether they contain the desired one has to be known.
    package static func replacedCommits(
        desired: DesiredRevision, snapshot: DeploymentSnapshot?, force: Bool, uploads: UploadIndex.Entries
    ) -> [String] {
        guard let snapshot, !force,
            decide(desired: desired, name: "", snapshot: snapshot, policy: Policy(), uploads: uploads)
                == .createRevision
        else { return [] }
        return rivals(of: desired, in: snapshot, uploads).map(\.commit)
    }

    private static func rivals(
        of desired: DesiredRevision, in snapshot: DeploymentSnapshot, _ uploads: UploadIndex.Entries
    ) -> [(revision: Revision, commit: String)] {
        (snapshot.underWay.prefix(1) + [snapshot.active].compactMap(\.self)).compactMap { revision in
            guard let commit = revision.builtCommit(uploads: uploads), !CommitName.isSame(commit, desired.sha) else {
                return nil
            }
            return (revision, commit)
        }
    }
}

extension StepFailure {
    fileprivate static func missing(_ name: String) -> StepFailure {
        StepFailure(
            .failed, code: "DeploymentMissing", "deployment not found: '\(name)'",
            hint: "leave out --must-exist to create it, or correct --deployment")
    }

    static func outdated(_ sha: String, by other: String, _ revision: Revision) -> StepFailure {
        StepFailure(
            .superseded, code: "OutdatedCommit",
            "commit \(sha.prefix(12)) is older than \(other.prefix(12)), which contains it and is "
                + "\(revision.status.isInProgress ? "in progress" : "live") as revision \(revision.id)",
            hint: "deploy the newer commit, roll back with slipway rollback, or pass --force")
    }
}

/// What an existing deployment has that cannot be changed and is not what is desired.
enum ImmutableFieldCheck {
    static func find(between desired: DesiredRevision, and deployment: Deployment) -> StepFailure? {
        if deployment.status.isBeingDeleted {
            return beingDeleted(deployment)
        }
        if let source = desired.source, source != deployment.source {
            return StepFailure(
                .usage, code: "SourceMismatch",
                "deployment '\(deployment.name)' has the source \(deployment.source), not \(source)",
                hint:
                    "a deployment's source cannot be changed: leave out --source and --image, or use another --deployment name"
            )
        }
        if let listener = desired.listener, let failure = find(between: listener, and: deployment) { return failure }
        guard deployment.source == .github, let theirs = deployment.sourceConfig?.repoURL, let ours = desired.repoURL
        else { return nil }
        if RemoteURL(ours).isSameRepository(as: RemoteURL(theirs)) { return nil }
        return StepFailure(
            .usage, code: "RepositoryMismatch",
            "deployment '\(deployment.name)' is built from \(RemoteURL(theirs)), not from "
                + "\(RemoteURL(ours))",
            hint: "run slipway in a clone of that repository, set --repo-url, or use another --deployment name")
    }

    static func beingDeleted(_ deployment: Deployment) -> StepFailure {
        StepFailure(
            .failed, code: "DeploymentBeingDeleted",
            "deployment '\(deployment.name)' is being deleted (\(deployment.status))",
            hint: "use another --deployment name; this one stays taken until the clean-up ends")
    }

    private static func find(between listener: ListenerChoice, and deployment: Deployment) -> StepFailure? {
        let config = deployment.sourceConfig
        for (what, asked, stored) in [
            ("listener", listener.listenerID, config?.listenerID),
            ("namespace", listener.namespace, config?.listenerConfig?.namespace),
        ] {
            guard let asked, let stored, asked.lowercased() != stored.lowercased() else { continue }
            return StepFailure(
                .usage, code: "ListenerMismatch",
                "deployment '\(deployment.name)' has the \(what) \(stored), not \(asked)",
                hint: "it cannot be changed: leave out --listener-id and --k8s-namespace, or use another --deployment "
                    + "name")
        }
        return nil
    }
}

/// What the service takes as the name of a new deployment.
enum DeploymentName {
    /// Throws `StepFailure` (usage) for a name that the service would refuse.
    static func check(_ name: String) throws {
        let allowed = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        guard allowed, name.first?.isLetter == true else {
            throw StepFailure(
                .usage, code: "InvalidDeploymentName", "invalid deployment name '\(name)'",
                hint: "use lower-case letters, digits and hyphens in --deployment, starting with a letter")
        }
    }
}

/// Asks the local clone whether one commit contains another.
package struct AncestryReader: Sendable {
    let directory: String

    package init(directory: String) { self.directory = directory }

    /// Nil when the clone cannot tell, for example because it is shallow or there is none.
    package func isAncestor(_ ancestor: String, of descendant: String) async -> Bool? {
        guard let ancestor = CommitID(ancestor), let descendant = CommitID(descendant) else { return nil }
        do {
            let repository = try await Repository.open(containing: directory)
            return switch try await repository.isAncestor(ancestor, of: descendant) {
            case .yes: true
            case .no: false
            case .unknown: nil
            }
        } catch {
            return nil
        }
    }
}
