import Clocks
import Engine
import FoundationEssentials

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
            status = revision?.status
            commitSHA = revision?.commitSHA
            timeline = (revision?.timeline ?? []).map {
                StatusPeriod(
                    status: $0.status, enteredAt: EventTimestamp.text(from: $0.enteredAt),
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
