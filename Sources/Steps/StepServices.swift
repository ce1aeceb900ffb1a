package import ControlPlane
package import ControlPlaneTypes
package import Git
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
    package var dashboard: Dashboard?
    /// A folder of this run's own for the archive on its way.
    package var scratchFolder: String
    package var processes: any ProcessRunning
    /// The variables that `run` hands on, but for the keys among them.
    package var processEnvironment: [String: String]
    /// Nil where nobody can be asked.
    package var prompt: (any ApprovalPrompt)?
    /// Inputs of the step type `deploy` that its steps leave open.
    package var deployPresets: [String: Value]
    /// Whether the logs of a revision are told while it is watched.
    package var followsLogs: Bool
    /// What lies in the work tree and is no change of it.
    package var generatedFiles: GeneratedFiles
    /// Read once a run, by whichever step needs them first.
    package let settingsFiles = SettingsFiles()

    package init(
        client: ControlPlaneClient, agentTransport: any HTTPTransport, agentKey: SecretValue?, uploads: UploadIndex,
        environment: CIContext, dashboard: Dashboard?, scratchFolder: String,
        processes: any ProcessRunning = SubprocessRunner(), processEnvironment: [String: String] = [:],
        prompt: (any ApprovalPrompt)? = nil, deployPresets: [String: Value] = [:],
        followsLogs: Bool = false, generatedFiles: GeneratedFiles = GeneratedFiles([])
    ) {
        self.client = client
        self.agentTransport = agentTransport
        self.agentKey = agentKey
        self.uploads = uploads
        self.environment = environment
        self.dashboard = dashboard
        self.scratchFolder = scratchFolder
        self.processes = processes
        self.processEnvironment = processEnvironment
        self.prompt = prompt
        self.deployPresets = deployPresets
        self.followsLogs = followsLogs
        self.generatedFiles = generatedFiles
    }
}
