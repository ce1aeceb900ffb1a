import ControlPlaneTypes
import Engine
import FoundationEssentials
package import Reports
import WorkflowModel

/// Makes the records of a run from its summary: every journal is one, so nothing else is stored on this machine.
package enum ChangeRecords {
    /// One for each deployment that the run changed, or may have changed; none for a run that changed nothing.
    ///
    /// - Parameter isBeingWritten: whether a process writes its journal; nil if that is of no interest.
    package static func of(_ summary: RunSummary, isBeingWritten: Bool? = nil) -> [ChangeRecord] {
        ofSummary(summary).map { record in
            var record = record
            record.isBeingWritten = isBeingWritten
            return record
        }
    }

    private static func ofSummary(_ summary: RunSummary) -> [ChangeRecord] {
        guard let run = summary.runID else { return [] }
        let changed = summary.rollouts.filter { $0.hasChanged || $0.hasIntendedChange }
        let deploys = changed.compactMap { record(of: $0, in: summary, run: run) }
        let known = Set(deploys.map(\.deployment.id))
        return deploys + stepChanges(summary, run: run).filter { !known.contains($0.deployment.id) }
    }

    private static func record(of rollout: RolloutSummary, in summary: RunSummary, run: RunID) -> ChangeRecord? {
        guard let deployment = rollout.deployment else { return nil }
        let isRollback = rollout.rollback?.attempted == true && rollout.revision == nil
        var record = base(
            summary, run, isRollback ? .rollback : .deploy,
            ChangeRecord.Deployment(id: deployment.id, name: deployment.name))
        record.revisions = rollout.revisions.map(revision)
        record.before = version(rollout.previousRevisionID, commit: rollout.previousCommitSHA)
        record.after = version(rollout.liveRevisionID, commit: rollout.liveCommitSHA)
        if let rollback = rollout.rollback, rollback.attempted {
            record.rollback = ChangeRecord.Rollback(
                toRevisionID: rollback.toRevisionID, revisionID: rollback.revisionID, result: rollback.result?.rawValue)
            record.reason = rollback.reason.map { shortened($0) }
        }
        let brought = rollout.rollbackRevision?.commitSHA ?? rollout.liveCommitSHA
        record.commitSHA = isRollback ? brought : rollout.commit?.sha ?? rollout.revision?.commitSHA
        if rollout.isLive { record.after?.image = summary.image(of: rollout)?.text }
        return record
    }

    /// Changes that are told by the outputs of a step.
    private static func stepChanges(_ summary: RunSummary, run: RunID) -> [ChangeRecord] {
        summary.steps.compactMap { step in
            guard let id = step.outputs["deployment-id"]?.string else { return nil }
            let deployment = ChangeRecord.Deployment(id: id, name: step.outputs["deployment"]?.string)
            switch step.uses {
            case "delete-deployment" where step.outputs["deleted"] == .bool(true):
                var record = base(summary, run, .deletion, deployment)
                record.reason = step.outputs["reason"]?.string.map { shortened($0) }
                return record
            case "interrupt-revision":
                var record = base(summary, run, .interruption, deployment)
                record.revisions = step.outputs["revision-id"]?.string.map {
                    [ChangeRecord.Revision(id: $0, role: "interrupted")]
                }
                return record
            default: return nil
            }
        }
    }

    private static func base(
        _ summary: RunSummary, _ run: RunID, _ kind: ChangeRecord.Kind, _ deployment: ChangeRecord.Deployment
    ) -> ChangeRecord {
        var record = ChangeRecord(runID: run.rawValue, kind: kind, deployment: deployment)
        record.workflow = summary.workflow
        record.startedAt = summary.startedAt.map(timestamp)
        record.finishedAt = summary.finishedAt.map(timestamp)
        record.actor = summary.origin?.actor
        record.verdict = summary.verdict?.rawValue
        record.cause = summary.primaryFailure.map {
            ChangeRecord.Cause(code: $0.failure.code, message: shortened($0.failure.message))
        }
        record.tool = summary.tool.map { "\($0.name) \($0.version)" }
        return record
    }

    private static func revision(_ revision: RevisionSummary) -> ChangeRecord.Revision {
        ChangeRecord.Revision(
            id: revision.id, role: revision.role.rawValue, status: revision.status?.rawValue,
            commitSHA: revision.commitSHA,
            deployedAt: revision.timeline.first { $0.status == .deployed }.map { timestamp($0.enteredAt) })
    }

    private static func version(_ revision: String?, commit: String?) -> ChangeRecord.Version? {
        revision.map { ChangeRecord.Version(revisionID: $0, commitSHA: commit) }
    }

    private static func timestamp(_ date: Date) -> Timestamp { Timestamp(text: EventTimestamp.text(from: date)) }

    /// In Unicode scalars: a message that says why, not a log.
    private static let longestText = 1000

    private static func shortened(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestText)))
    }
}
