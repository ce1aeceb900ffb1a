package import ControlPlaneTypes

/// What preflight decided, with all that the later steps of a deploy need: its output `plan`. Paths of secrets, never
/// their values.
package struct DeployPlan: Codable, Sendable, Equatable {
    package enum Action: String, Codable, Sendable {
        /// The commit is live already.
        case none
        /// A revision of this commit is in progress: wait for it.
        case follow
        case create, revise
    }

    package enum OnFailure: String, Codable, Sendable, CaseIterable { case rollback, keep }
    package enum OnSuperseded: String, Codable, Sendable, CaseIterable { case fail, follow }
    package enum OnTimeout: String, Codable, Sendable, CaseIterable { case rollback, interrupt, keep }

    /// What is live; nil for what is not known.
    package struct Current: Codable, Sendable, Equatable {
        package var sha: String?
        package var ref: String?
        package var config: String?
        package var image: String?
    }

    /// The names of the secrets and the keys of the resource spec that change.
    package struct Settings: Codable, Sendable, Equatable {
        /// The names of the deployment's secrets.
        package var stored: [String] = []
        package var added: [String] = []
        /// Written again; the value may be the same.
        package var set: [String] = []
        package var removed: [String] = []
        package var kept: [String] = []
        /// The keys of the resource spec that are sent; empty when it stays as it is.
        package var resourceKeys: [String] = []
        /// Whether a revision of the same code would not do.
        package var isChanged = false

        private enum CodingKeys: String, CodingKey {
            case stored, added, set, removed, kept
            case resourceKeys = "resource-keys"
            case isChanged = "changed"
        }
    }

    package var action: Action
    /// The deployment's name.
    package var deployment: String
    /// Nil for a new deployment.
    package var deploymentID: String?
    /// The control plane that the deploy named; nil for that of the run.
    package var connection: StepConnection?

    package var source: String
    package var directory = "."
    /// Lower case; empty for an image that is deployed outside a repository.
    package var sha = ""
    /// As the API has it: a branch's name or `refs/tags/…`.
    package var ref: String?
    package var config = "langgraph.json"
    package var repoURL: String?
    package var integrationID: String?
    package var image: String?
    package var listenerID: String?
    package var namespace: String?
    package var deploymentType: String?
    package var installCommand: String?
    package var buildCommand: String?
    /// The path of the JSON file.
    package var resourceSpec: String?
    /// The path of the file.
    package var secretsFile: String?
    package var secrets = "keep"
    package var settings = Settings()

    /// The revision that is live already or is taken up.
    package var revisionID: String?
    package var previousRevisionID: String?
    package var current: Current?
    /// The revisions that existed, newest first.
    package var knownRevisions: [String] = []
    /// When they were read and none was in progress; nil when one was.
    package var idleAt: String?
    /// How long the last revisions took, in seconds, newest first.
    package var pastDurations: [Double] = []

    package var force = false
    /// Whether to wait for the revision, and before that for the end of another one that is in progress.
    package var waits = true
    package var pollInterval: String?
    /// Paths of the agent that must answer 2xx.
    package var smoke: [String] = []
    /// A graph that must run without an error.
    package var smokeGraph: String?
    /// The input of its run; nil for an empty one.
    package var smokeInput: String?
    package var onFailure = OnFailure.rollback
    package var onSuperseded = OnSuperseded.fail
    package var onTimeout = OnTimeout.keep

    package init(action: Action, deployment: String, source: DeploymentSource) {
        self.action = action
        self.deployment = deployment
        self.source = source.rawValue
    }

    private enum CodingKeys: String, CodingKey {
        case action, deployment, source, directory, sha, ref, config, image, secrets, settings, current, force, smoke
        case connection
        case deploymentID = "deployment-id"
        case repoURL = "repo-url"
        case integrationID = "integration-id"
        case listenerID = "listener-id"
        case namespace = "k8s-namespace"
        case deploymentType = "deployment-type"
        case installCommand = "install-command"
        case buildCommand = "build-command"
        case resourceSpec = "resource-spec"
        case secretsFile = "secrets-file"
        case revisionID = "revision-id"
        case previousRevisionID = "previous-revision-id"
        case knownRevisions = "known-revisions"
        case idleAt = "idle-at"
        case pastDurations = "past-durations"
        case waits = "wait"
        case pollInterval = "poll-interval"
        case smokeGraph = "smoke-graph"
        case smokeInput = "smoke-input"
        case onFailure = "on-failure"
        case onSuperseded = "on-superseded"
        case onTimeout = "on-timeout"
    }
}

extension DeployPlan {
    var deploymentSource: DeploymentSource { DeploymentSource(rawValue: source) }

    var imageReference: ImageReference? { image.map { ImageReference($0) } }

    /// What has to be live in the end.
    var desired: DesiredRevision {
        var desired = DesiredRevision(
            sha: sha, repoRef: ref, configPath: config, source: deploymentSource, repoURL: repoURL,
            image: imageReference)
        desired.changesSettings = settings.isChanged
        return desired
    }

    /// When to poll a revision of this deployment.
    func pollSchedule() throws -> PollSchedule {
        try PollSchedule(fixed: pollInterval, pastSeconds: pastDurations)
    }
}

/// A revision that the steps of a deploy follow: the output `revision`. Each step adds what it learns.
package struct TrackedRevision: Codable, Sendable, Equatable {
    package var deploymentID: String
    package var id: String
    /// The revision that was live before.
    package var previousRevisionID: String?
    /// The revisions that existed before this one; nil when that is not known.
    package var knownRevisions: [String]?
    /// The commit it has to be built from; nil when the control plane cannot say, as for an uploaded archive.
    package var sha: String?
    /// The image it has to run; nil for a commit.
    package var image: String?
    /// The commit and the image that the control plane answers for it.
    package var builtSHA: String?
    package var builtImage: String?
    /// Whether the request that made it was sent more than once: every revision made since may be ours then.
    package var isRepeated: Bool?
    /// Whether the response to the last of them named it, so that the others made theirs before.
    package var isNamed: Bool?
    /// Whether this run created the deployment.
    package var created: Bool?
    /// Where the agent answers.
    package var url: String?
    /// The control plane that the deploy named; nil for that of the run.
    package var connection: StepConnection?

    package init(deploymentID: String, id: String) {
        self.deploymentID = deploymentID
        self.id = id
    }

    private enum CodingKeys: String, CodingKey {
        case id, sha, image, created, url, connection
        case deploymentID = "deployment-id"
        case previousRevisionID = "previous-revision-id"
        case knownRevisions = "known-revisions"
        case builtSHA = "built-sha"
        case builtImage = "built-image"
        case isRepeated = "repeated"
        case isNamed = "named"
    }

    var deployment: DeploymentID { DeploymentID(deploymentID) }
    var revision: RevisionID { RevisionID(id) }
    var previous: RevisionID? { previousRevisionID.map { RevisionID($0) } }
}

/// The revision to go back to, as `rollback-target` found it: its output `target`.
package struct RollbackTarget: Codable, Sendable, Equatable {
    package var deploymentID: String
    package var revisionID: String
    /// The revision that is live now.
    package var previousRevisionID: String?
    package var pastDurations: [Double] = []
    /// The revisions that existed when it was chosen.
    package var knownRevisions: [String] = []
    /// Whether to roll back over a revision that is newer.
    package var force = false
    /// The control plane that the rollback named; nil for that of the run.
    package var connection: StepConnection?

    package init(deploymentID: String, revisionID: String) {
        self.deploymentID = deploymentID
        self.revisionID = revisionID
    }

    private enum CodingKeys: String, CodingKey {
        case force, connection
        case deploymentID = "deployment-id"
        case revisionID = "revision-id"
        case previousRevisionID = "previous-revision-id"
        case pastDurations = "past-durations"
        case knownRevisions = "known-revisions"
    }
}
