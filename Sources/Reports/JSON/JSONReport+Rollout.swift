import Engine

extension JSONReport {
    /// What became of one deployment; the report itself has the facts of the one that the verdict comes down to.
    struct Rollout: Encodable {
        @Nullable var result: Outcome?
        let jobs: [String]
        let commit: Commit
        let deployment: Deployment
        let revision: Revision
        @Nullable var previousRevisionID: String?
        @Nullable var liveRevisionID: String?
        @Nullable var rollback: Rollback?

        init(_ rollout: RolloutSummary, result: Outcome?) {
            self.result = result
            jobs = rollout.jobs
            commit = Commit(rollout.commit)
            deployment = Deployment(rollout.deployment)
            revision = Revision(rollout.revision)
            previousRevisionID = rollout.previousRevisionID
            liveRevisionID = rollout.liveRevisionID
            rollback = rollout.rollback.map(Rollback.init)
        }

        private enum CodingKeys: String, CodingKey {
            case result, jobs, commit, deployment, revision, rollback
            case previousRevisionID = "previous_revision_id"
            case liveRevisionID = "live_revision_id"
        }
    }
}
