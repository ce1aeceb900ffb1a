import Clocks
import ControlPlaneTypes
import Engine
import FoundationEssentials
import WorkflowModel

extension JSONReport {
    struct Tool: Encodable {
        @Nullable var name: String?
        @Nullable var version: String?

        init(_ tool: RunSummary.Tool?) {
            name = tool?.name
            version = tool?.version
        }
    }

    struct Commit: Encodable {
        @Nullable var sha: String?
        @Nullable var ref: String?
        @Nullable var branch: String?
        @Nullable var tag: String?
        @Nullable var dirty: Bool?
        @Nullable var remoteURL: String?

        init(_ commit: CommitRead?) {
            sha = commit?.sha
            ref = commit?.ref
            branch = commit?.branch
            tag = commit?.tag
            dirty = commit?.dirty
            remoteURL = commit?.remoteURL
        }

        private enum CodingKeys: String, CodingKey {
            case sha, ref, branch, tag, dirty
            case remoteURL = "remote_url"
        }
    }

    struct Deployment: Encodable {
        @Nullable var id: String?
        @Nullable var name: String?
        @Nullable var url: String?
        @Nullable var dashboardURL: String?
        @Nullable var created: Bool?

        init(_ deployment: DeploymentSeen?) {
            id = deployment?.id
            name = deployment?.name
            url = deployment?.url
            dashboardURL = deployment?.dashboardURL
            created = deployment?.created
        }

        private enum CodingKeys: String, CodingKey {
            case id, name, url, created
            case dashboardURL = "dashboard_url"
        }
    }

    struct Revision: Encodable {
        struct StatusPeriod: Encodable {
            let status: String
            let enteredAt: String
            let durationMilliseconds: Int

            private enum CodingKeys: String, CodingKey {
                case status
                case enteredAt = "entered_at"
                case durationMilliseconds = "duration_ms"
            }
        }

        @Nullable var id: String?
        @Nullable var status: String?
        @Nullable var commitSHA: String?
        let timeline: [StatusPeriod]

        init(_ revision: RevisionSummary?) {
            id = revision?.id
            status = revision?.status?.rawValue
            commitSHA = revision?.commitSHA
            timeline = (revision?.timeline ?? []).map {
                StatusPeriod(
                    status: $0.status.rawValue, enteredAt: EventTimestamp.text(from: $0.enteredAt),
                    durationMilliseconds: $0.duration.milliseconds)
            }
        }

        private enum CodingKeys: String, CodingKey {
            case id, status, timeline
            case commitSHA = "commit_sha"
        }
    }

    struct Rollback: Encodable {
        let attempted: Bool
        @Nullable var toRevisionID: String?
        @Nullable var revisionID: String?
        @Nullable var result: Outcome?
        @Nullable var reason: String?

        init(_ rollback: RollbackSeen) {
            attempted = rollback.attempted
            toRevisionID = rollback.toRevisionID
            revisionID = rollback.revisionID
            result = rollback.result
            reason = rollback.reason
        }

        private enum CodingKeys: String, CodingKey {
            case attempted, result, reason
            case toRevisionID = "to_revision_id"
            case revisionID = "revision_id"
        }
    }
}

extension JSONReport {
    /// The facts of one deployment; the report itself has those of the deployment that decided the verdict.
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

extension JSONReport {
    struct Step: Encodable {
        struct Failure: Encodable {
            let code: String
            let message: String
            @Nullable var hint: String?

            init(_ failure: StepFailure) {
                code = failure.code
                message = failure.message
                hint = failure.hint
            }
        }

        let job: String
        let id: String
        let name: String
        @Nullable var uses: String?
        @Nullable var result: Outcome?
        @Nullable var startedAt: String?
        let durationMilliseconds: Int
        let attempts: Int
        let outputs: [String: Value]
        @Nullable var error: Failure?
        @Nullable var logFile: String?

        init(_ step: StepSummary) {
            logFile = step.logFile
            job = step.job
            id = step.id
            name = step.name
            uses = step.uses
            result = step.result
            startedAt = step.startedAt.map(EventTimestamp.text)
            durationMilliseconds = step.duration.milliseconds
            attempts = step.attempts.count
            outputs = step.outputs
            error = step.failure.map(Failure.init)
        }

        private enum CodingKeys: String, CodingKey {
            case job, id, name, uses, result, attempts, outputs, error
            case startedAt = "started_at"
            case logFile = "log_file"
            case durationMilliseconds = "duration_ms"
        }
    }

    /// The failure that decided the verdict.
    struct Failure: Encodable {
        let job: String
        @Nullable var step: String?
        let code: String
        let message: String
        @Nullable var hint: String?
        let details: [String]

        init(_ primary: PrimaryFailure) {
            job = primary.job
            step = primary.step?.id
            code = primary.failure.code
            message = primary.failure.message
            hint = primary.failure.hint
            details = primary.failure.details
        }
    }

    struct Requests: Encodable {
        let total: Int
        let retries: Int
        let byEndpoint: [String: Int]

        init(_ requests: RequestsCounted?) {
            total = requests?.total ?? 0
            retries = requests?.retries ?? 0
            byEndpoint = requests?.byEndpoint ?? [:]
        }

        private enum CodingKeys: String, CodingKey {
            case total, retries
            case byEndpoint = "by_endpoint"
        }
    }
}
