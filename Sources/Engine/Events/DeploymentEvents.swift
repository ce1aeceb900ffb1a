/// The event types of this family.
let deploymentEvents: [any EventPayload.Type] = [
    CommitRead.self, DeploymentSeen.self, LiveRevisionSeen.self, RevisionSeen.self, RollbackSeen.self,
    RequestsCounted.self,
]

/// The commit that the run deploys.
package struct CommitRead: DeploymentPayload {
    package static let type = "commit.read"

    package var sha: String
    package var ref: String?
    package var branch: String?
    package var tag: String?
    /// Nil if unknown.
    package var dirty: Bool?
    package var remoteURL: String?
    package var subject: String?
    /// The job that recorded it.
    package var job: JobPath?

    package init(
        sha: String, ref: String?, branch: String?, tag: String?, dirty: Bool?, remoteURL: String?, subject: String?
    ) {
        self.sha = sha
        self.ref = ref
        self.branch = branch
        self.tag = tag
        self.dirty = dirty
        self.remoteURL = remoteURL
        self.subject = subject
    }

    private enum CodingKeys: String, CodingKey {
        case sha, ref, branch, tag, dirty, subject, job
        case remoteURL = "remote_url"
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        (redacted.ref, redacted.branch, redacted.tag) = (
            redactor.redactFact(ref), redactor.redactFact(branch), redactor.redactFact(tag)
        )
        (redacted.remoteURL, redacted.subject) = (redactor.redactFact(remoteURL), redactor.redact(subject))
        return redacted
    }

    package var facts: [String] { [sha, ref, branch, tag, remoteURL].compactMap(\.self) }
}

/// The state of the deployment; a later event replaces an earlier one.
package struct DeploymentSeen: DeploymentPayload {
    package static let type = "deployment.seen"

    package var id: String
    package var name: String
    package var url: String?
    package var dashboardURL: String?
    /// Whether this run created it.
    package var created: Bool
    /// The revision that was live before this run changed anything.
    package var previousRevisionID: String?
    /// The live revision, as last seen.
    package var activeRevisionID: String?
    /// The commit of that revision; nil if unknown.
    package var activeCommitSHA: String?
    /// The job that recorded it.
    package var job: JobPath?

    package init(
        id: String, name: String, url: String?, dashboardURL: String?, created: Bool, previousRevisionID: String?,
        activeRevisionID: String?, activeCommitSHA: String? = nil
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.dashboardURL = dashboardURL
        self.created = created
        self.previousRevisionID = previousRevisionID
        self.activeRevisionID = activeRevisionID
        self.activeCommitSHA = activeCommitSHA
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, url, created, job
        case dashboardURL = "dashboard_url"
        case previousRevisionID = "previous_revision_id"
        case activeRevisionID = "active_revision_id"
        case activeCommitSHA = "active_commit_sha"
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.name = redactor.redactFact(name)
        redacted.url = redactor.redactFact(url)
        redacted.dashboardURL = redactor.redactFact(dashboardURL)
        return redacted
    }

    package var facts: [String] { [id, name, url, dashboardURL].compactMap(\.self) }
}

/// What is live on a deployment that another job deployed.
package struct LiveRevisionSeen: DeploymentPayload {
    package static let type = "deployment.live"

    /// The id of the deployment.
    package var id: String
    /// Nil where none is live.
    package var revisionID: String?
    /// The job that looked.
    package var job: JobPath?

    package init(id: String, revisionID: String?) { (self.id, self.revisionID) = (id, revisionID) }

    private enum CodingKeys: String, CodingKey {
        case id, job
        case revisionID = "revision_id"
    }

    package func redacted(by redactor: EventRedactor) -> Self { self }
}

/// The status of a revision, recorded when first seen and at every change.
package struct RevisionSeen: DeploymentPayload {
    package static let type = "revision.seen"

    package enum Role: String, Codable, Sendable {
        /// The revision this run deploys.
        case ours
        /// The revision that restores the old commit.
        case rollback
    }

    package var id: String
    package var role: Role
    package var status: String
    package var commitSHA: String?
    /// The job that recorded it.
    package var job: JobPath?

    package init(id: String, role: Role, status: String, commitSHA: String?) {
        self.id = id
        self.role = role
        self.status = status
        self.commitSHA = commitSHA
    }

    private enum CodingKeys: String, CodingKey {
        case id, role, status, job
        case commitSHA = "commit_sha"
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.status = redactor.redact(status)
        redacted.commitSHA = redactor.redactFact(commitSHA)
        return redacted
    }
}

/// The state of the rollback; a later event replaces an earlier one.
package struct RollbackSeen: DeploymentPayload {
    package static let type = "rollback.seen"

    package var attempted: Bool
    /// The revision rolled back to.
    package var toRevisionID: String?
    /// The revision that the redeploy created; nil if it created none.
    package var revisionID: String?
    package var result: Outcome?
    /// Why none was attempted, or why one was requested.
    package var reason: String?
    /// The job that recorded it.
    package var job: JobPath?

    package init(
        attempted: Bool, toRevisionID: String? = nil, revisionID: String? = nil, result: Outcome? = nil,
        reason: String? = nil
    ) {
        self.attempted = attempted
        self.toRevisionID = toRevisionID
        self.revisionID = revisionID
        self.result = result
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case attempted, result, reason, job
        case toRevisionID = "to_revision_id"
        case revisionID = "revision_id"
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.reason = redactor.redact(reason)
        return redacted
    }
}

/// The HTTP requests since the start of the run; a later event replaces an earlier one.
package struct RequestsCounted: EventPayload {
    package static let type = "requests.counted"

    package var total: Int
    package var retries: Int
    /// By method and path pattern, such as `GET /v2/deployments/{id}`.
    package var byEndpoint: [String: Int]

    package init(total: Int, retries: Int, byEndpoint: [String: Int]) {
        self.total = total
        self.retries = retries
        self.byEndpoint = byEndpoint
    }

    private enum CodingKeys: String, CodingKey {
        case total, retries
        case byEndpoint = "by_endpoint"
    }

    package func redacted(by redactor: EventRedactor) -> Self {
        var redacted = self
        redacted.byEndpoint = Dictionary(byEndpoint.map { (redactor.redact($0.key), $0.value) }, uniquingKeysWith: +)
        return redacted
    }
}
