package import ControlPlane
package import ControlPlaneTypes
package import Engine
import WorkflowModel

/// The revisions a deployment can go back to, newest first.
package struct RollbackCandidates: Sendable {
    package let snapshot: DeploymentSnapshot

    package init(snapshot: DeploymentSnapshot) { self.snapshot = snapshot }

    /// Reads a deployment by its name or id, as far back as it takes to find `revision`, or any earlier one that was
    /// deployed. `records` are asked where the revisions alone do not tell what they are.
    ///
    /// Throws `StepFailure` when there is none, and `ControlPlaneError`.
    package static func read(
        deployment: String, revision: String? = nil, client: ControlPlaneClient,
        records: RevisionRecords = { _ in RecordedRevisions() }
    ) async throws -> RollbackCandidates {
        let reader = DeploymentReader(client: client)
        let isID = DeploymentID(deployment).isUUID
        guard
            let newest = try await reader.snapshot(
                name: isID ? nil : deployment, id: isID ? deployment : nil)
        else {
            throw await missing(deployment, client)
        }
        var snapshot = await explained(newest, by: records)
        let known = snapshot
        snapshot.revisions += try await reader.older(than: known, wanted: revision) {
            RollbackCandidates(snapshot: known).needsHistory
        }
        return RollbackCandidates(snapshot: await explained(snapshot, by: records))
    }

    private static func explained(
        _ snapshot: DeploymentSnapshot, by records: RevisionRecords
    ) async -> DeploymentSnapshot {
        guard !RollbackCandidates(snapshot: snapshot).trail.unclear.isEmpty else { return snapshot }
        var explained = snapshot
        explained.recorded = await records(snapshot)
        return explained
    }

    /// The failure for a name or id that no deployment has, with the one that may be meant, if that can be read.
    package static func missing(_ name: String, _ client: ControlPlaneClient) async -> StepFailure {
        let names = (try? await client.listDeployments(limit: 100).resources.map(\.name)) ?? []
        let similar = Suggestion.closest(to: name, among: names).map { "did you mean '\($0)'? Else " } ?? ""
        return StepFailure(
            .failed, code: "DeploymentMissing", "deployment not found: '\(name)'",
            hint: similar + "run slipway status to list them, and check --tenant-id")
    }

    /// Those that were deployed and do not serve now.
    package var revisions: [Revision] {
        snapshot.revisions.filter { $0.status == .deployed && $0.id != snapshot.deployment.activeRevisionID }
    }

    /// Newer than the live one and not done yet.
    package var underWay: [Revision] { snapshot.underWay }

    /// The last one that was live before the live one, built from something else, and never one that was rolled back.
    package var preferred: Revision? { snapshot.active == nil ? trail.live : trail.previous }

    /// Whether older revisions may change the choice.
    private var needsHistory: Bool { preferred.map(trail.isOldest) ?? true }

    /// Those of a source that was rolled back and not deployed again since, newest first.
    package var undone: [Revision] {
        let rolledBack = trail.rolledBack
        return deployed.filter { $0.builtFrom.map(rolledBack.contains) ?? false }
    }

    /// Those that were undone and are newer than the target, which a rollback therefore skips.
    package func skipped(before target: Revision) -> [Revision] {
        let newer = Set(snapshot.revisions.prefix { $0.id != target.id }.map(\.id))
        return undone.filter { newer.contains($0.id) }
    }

    /// Up to the live one, newest first.
    private var deployed: [Revision] {
        snapshot.revisions.drop { $0.id != snapshot.active?.id && snapshot.active != nil }
            .filter { $0.status == .deployed || $0.id == snapshot.active?.id }
    }

    /// The live revision, where nothing tells whether it is a deploy of an old commit or image, or a rollback over several
    /// steps that took away what comes next.
    package var unclearLive: Revision? { snapshot.active.flatMap { trail.unclear.contains($0.id) ? $0 : nil } }

    private var trail: LiveTrail { LiveTrail(deployed, snapshot.recorded) }

    /// Throws `StepFailure` when the named revision is not there, was never deployed or is live, or none can be chosen.
    package func target(_ named: String?) throws -> Revision {
        guard let named else {
            guard let preferred else { throw noTarget }
            return preferred
        }
        var matches = snapshot.revisions.filter { $0.id.rawValue.hasPrefix(named.lowercased()) }
        if matches.isEmpty { matches = Array(ofCommit(named).prefix(1)) }
        guard let revision = matches.first, matches.count == 1 else {
            throw StepFailure(
                .usage, code: "UnknownRevision",
                "'\(named)' matches \(matches.isEmpty ? "no" : "more than one") revision or deployed commit of '\(snapshot.deployment.name)'",
                hint: "run slipway revisions list \(snapshot.deployment.name), and set --to to one of them")
        }
        guard revision.id != snapshot.deployment.activeRevisionID else {
            throw StepFailure(
                .usage, code: "LiveAlready", "revision \(revision.id) is live already",
                hint: "set --to to an earlier one, or deploy its commit again with slipway deploy --force")
        }
        guard revision.status == .deployed else {
            throw StepFailure(
                .usage, code: "NeverDeployed", "revision \(revision.id) was never deployed (\(revision.status))",
                hint: "set --to to a revision that was deployed")
        }
        return revision
    }
}

extension RollbackCandidates {
    /// Whether the live revision is the one with this id, or the only one whose id begins with it.
    func isLive(_ text: String) -> Bool {
        let prefix = text.lowercased()
        guard let live = snapshot.deployment.activeRevisionID, live.rawValue.hasPrefix(prefix) else { return false }
        return snapshot.revisions.allSatisfy { $0.id == live || !$0.id.rawValue.hasPrefix(prefix) }
    }

    private var noTarget: StepFailure {
        let name = snapshot.deployment.name
        let others = deployed.filter { $0.id != snapshot.active?.id }
        guard let newest = others.first, let why = whyNotChosen(newest) else {
            return StepFailure(
                .failed, code: "NoRollbackTarget", "deployment '\(name)' has no earlier revision that was deployed",
                hint: "deploy a good commit instead")
        }
        return StepFailure(
            .failed, code: "NoRollbackTarget",
            "deployment '\(name)' has no revision to roll back to: all earlier ones are the same as the live one or were "
                + "rolled back before (the newest, \(newest.id): \(why))",
            hint: "deploy a good commit, or choose a revision with --to: slipway revisions list \(name)")
    }

    /// Those that were deployed from a commit, newest first; git abbreviates to no fewer than seven digits.
    private func ofCommit(_ name: String) -> [Revision] {
        guard name.count >= 7 else { return [] }
        return revisions.filter { $0.commitSHA?.hasPrefix(name.lowercased()) == true }
    }

    /// Why a rollback does not choose a revision by itself; nil when it may.
    package func whyNotChosen(_ revision: Revision) -> String? {
        if revision.builtFrom != nil, revision.builtFrom == snapshot.active?.builtFrom { return "same as the live one" }
        return undone.contains { $0.id == revision.id } ? "rolled back before" : nil
    }
}

extension DeploymentSnapshot {
    /// The failed revision after which a revision brought back what was live before it; nil for any other.
    package func restored(_ revision: Revision) -> (failed: RevisionID, target: RevisionID)? {
        guard let source = revision.builtFrom else { return nil }
        let older = revisions.drop { $0.id != revision.id }.dropFirst()
        guard let failed = older.first, failed.status.isFailure,
            let target = older.first(where: { $0.status == .deployed }), target.builtFrom == source
        else { return nil }
        return (failed.id, target.id)
    }

    /// What a revision took away and what it brought back; nil for one that is not a rollback.
    package func rollback(_ revision: Revision) -> (undone: RevisionID, target: RevisionID)? {
        let older = revisions.drop { $0.id != revision.id }.dropFirst().filter { $0.status == .deployed }
        return LiveTrail(Array(older), recorded).rollback(by: revision)
    }
}

extension Revision {
    /// When it was deployed, as far as the control plane tells: the time of its last change.
    package var liveSince: Timestamp? { status == .deployed ? updatedAt ?? createdAt : nil }
}

extension DeploymentID {
    /// Whether the text has a UUID's form: 8-4-4-4-12 hex digits.
    package var isUUID: Bool {
        rawValue.split(separator: "-", omittingEmptySubsequences: false).map(\.count) == [8, 4, 4, 4, 12]
            && rawValue.allSatisfy { $0 == "-" || $0.isHexDigit }
    }
}

/// Finds the revision that a person means by the beginning of its id.
package enum RevisionPrefix {
    /// As many candidates as a message names.
    private static let named = 8

    /// Looks through all pages; a whole id is taken as it is.
    ///
    /// Throws `StepFailure` when none or more than one begins like that, and `ControlPlaneError`.
    package static func find(
        _ text: String, of deployment: Deployment, client: ControlPlaneClient
    ) async throws -> RevisionID {
        let text = text.lowercased()
        if DeploymentID(text).isUUID { return RevisionID(text) }
        return try choose(text, among: try await client.allRevisions(of: deployment.id), of: deployment.name)
    }

    static func choose(_ text: String, among revisions: [Revision], of name: String) throws -> RevisionID {
        let matches = text.isEmpty ? [] : revisions.filter { $0.id.rawValue.lowercased().hasPrefix(text) }
        guard let revision = matches.first else {
            throw StepFailure(
                .usage, code: "UnknownRevision", "no revision of '\(name)' begins with '\(text)'",
                hint: "run slipway status \(name), and set --revision to one of them")
        }
        guard matches.count > 1 else { return revision.id }
        let candidates = matches.prefix(named).map { "\($0.id) (\($0.status))" }.joined(separator: ", ")
        let more = matches.count > named ? " and \(matches.count - named) more" : ""
        throw StepFailure(
            .usage, code: "AmbiguousRevision",
            "\(matches.count) revisions of '\(name)' begin with '\(text)': \(candidates)\(more)",
            hint: "set --revision to more digits of the one you mean")
    }
}
