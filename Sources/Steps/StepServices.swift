package import ControlPlane
package import ControlPlaneTypes
package import Engine
package import Git
package import Redaction
package import WorkflowModel

/// What the built-in steps work with; made once, by the composition root.
package struct StepServices: Sendable {
    package var client: ControlPlaneClient
    /// For requests to the deployed agent; the control plane's key never goes there.
    package var agentTransport: any HTTPTransport
    /// The agent's own key (`SLIPWAY_AGENT_API_KEY`), if it wants one.
    package var agentKey: SecretValue?
    package var uploads: UploadIndex
    package var environment: CIContext
    /// Where a resumed run began; nil for a new run, or outside a repository.
    package var resumedCheckout: RunOrigin.Checkout?
    package var dashboard: Dashboard?
    /// A folder of this run, for the archive to upload.
    package var scratchFolder: String
    package var processes: any ProcessRunning
    /// The variables that `run` passes on, without the keys.
    package var processEnvironment: [String: String]
    /// Nil without a terminal.
    package var prompt: (any ApprovalPrompt)?
    /// Inputs of the step type `deploy` that its steps do not give.
    package var deployPresets: [String: Value]
    /// Whether the logs of a revision are shown while it is watched.
    package var followsLogs: Bool
    /// With it, a long build is described by the current line of its log; the first time, this text follows.
    package var buildLineHint: String?
    /// Files in the working tree that do not make it dirty.
    package var generatedFiles: GeneratedFiles
    /// What earlier runs have recorded of revisions.
    package var records: RevisionRecords = { _ in RecordedRevisions() }
    /// Connects to a control plane that a step names; nil if it is that of the run.
    package var connect: @Sendable (StepConnection) throws -> ConnectedPlane?
    /// The control plane that the step named; nil for that of the run.
    var connection: StepConnection?
    /// Whether an earlier process of the run had a good response.
    let hadContact: Bool
    /// Shared by all watchers of `client`'s control plane.
    var sweep: DeploymentSweep
    /// Where the deployments that the run has seen answer.
    let agentAddresses: AgentAddresses
    /// What the run's deploys of images may replace.
    let knownRevisions: KnownRevisions
    /// Whether an earlier process began the run.
    let isResumed: Bool
    /// Read once a run, by whichever step needs them first.
    package let settingsFiles = SettingsFiles()

    /// `earlier` are the events of a resumed run.
    package init(
        client: ControlPlaneClient, agentTransport: any HTTPTransport, agentKey: SecretValue?, uploads: UploadIndex,
        environment: CIContext, resumedCheckout: RunOrigin.Checkout? = nil, dashboard: Dashboard?,
        scratchFolder: String,
        processes: any ProcessRunning = SubprocessRunner(), processEnvironment: [String: String] = [:],
        prompt: (any ApprovalPrompt)? = nil, deployPresets: [String: Value] = [:],
        followsLogs: Bool = false, generatedFiles: GeneratedFiles = GeneratedFiles([]), earlier: [RunEvent] = [],
        connect: @escaping @Sendable (StepConnection) throws -> ConnectedPlane? = { _ in nil }
    ) {
        hadContact = earlier.contains(where: \.showsContact)
        isResumed = !earlier.isEmpty
        agentAddresses = AgentAddresses(earlier.compactMap { ($0.payload as? DeploymentSeen)?.url })
        knownRevisions = KnownRevisions(earlier)
        if hadContact { client.resumeContact() }
        // A change is only repeated after a new decision (ChangeSender).
        self.client = client.withoutRepeatedChanges()
        sweep = DeploymentSweep(client: self.client)
        self.agentTransport = agentTransport
        self.agentKey = agentKey
        self.uploads = uploads
        self.environment = environment
        self.resumedCheckout = resumedCheckout
        self.dashboard = dashboard
        self.scratchFolder = scratchFolder
        self.processes = processes
        self.processEnvironment = processEnvironment
        self.prompt = prompt
        self.deployPresets = deployPresets
        self.followsLogs = followsLogs
        self.generatedFiles = generatedFiles
        self.connect = connect
    }
}

/// Asks a person at a terminal.
package protocol ApprovalPrompt: Sendable {
    /// Whether the person approves. Throws `CancellationError` when the task is cancelled before there is an answer.
    func isApproved(_ question: String) async throws -> Bool
}

extension RunEvent {
    /// Whether the control plane has given a good response by then.
    fileprivate var showsContact: Bool {
        switch payload {
        case is DeploymentSeen, is RevisionSeen: true
        case let end as StepFinished: end.result == .success && BuiltinSteps.access(of: end.uses ?? "") != .none
        default: false
        }
    }
}

extension StepServices {
    /// The error for what this process lacks: a resumed run stays as it is, for a process that has it.
    func lacking(_ failure: StepFailure) -> any Error { isResumed ? RunSuspended(failure) : failure }

    /// A deployment as the reports show it, as it is before anything of it is changed.
    func fact(_ snapshot: DeploymentSnapshot) -> DeploymentSeen {
        fact(snapshot, previous: snapshot.deployment.activeRevisionID)
    }

    /// A deployment as the reports show it, with the commit that is live.
    func fact(_ snapshot: DeploymentSnapshot, previous: RevisionID?) -> DeploymentSeen {
        var seen = fact(snapshot.deployment, previous: previous)
        seen.activeCommitSHA = snapshot.active?.builtCommit(uploads: uploads.entries())
        return seen
    }

    /// A deployment as the reports show it.
    func fact(
        _ deployment: Deployment, previous: RevisionID?, created: Bool = false
    ) -> DeploymentSeen {
        if let url = deployment.servingURL { agentAddresses.add(url) }
        return DeploymentSeen(
            id: deployment.id.rawValue, name: deployment.name, url: deployment.servingURL,
            dashboardURL: dashboard?.url(of: deployment), created: created,
            previousRevisionID: previous?.rawValue, activeRevisionID: deployment.activeRevisionID?.rawValue)
    }
}

extension RevisionSeen {
    init(_ id: RevisionID, role: Role, status: RevisionStatus, commitSHA: String?) {
        self.init(id: id.rawValue, role: role, status: status.rawValue, commitSHA: commitSHA)
    }
}

/// The address of a deployment in the LangSmith UI.
package struct Dashboard: Sendable, Equatable {
    private let base: String

    /// Nil when the control plane at `baseURL` has no dashboard that can be known.
    package init?(controlPlane baseURL: String) {
        guard let scheme = baseURL.firstRange(of: "://") else { return nil }
        let rest = baseURL[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        if host == "api.host.langchain.com" {
            base = "https://smith.langchain.com"
        } else if host.hasSuffix(".api.host.langchain.com") {
            base = "https://\(host.prefix { $0 != "." }).smith.langchain.com"
        } else if rest.hasSuffix("/api-host") {
            base = String(baseURL.dropLast("/api-host".count))
        } else {
            return nil
        }
    }

    package func url(of deployment: Deployment) -> String? {
        guard let tenant = deployment.tenantID else { return nil }
        return "\(base)/o/\(tenant)/host/deployments/\(deployment.id)"
    }
}
