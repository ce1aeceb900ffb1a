import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Redaction
import Reports
import WorkflowModel

/// A change that a command makes by itself, without a workflow. It is journaled as a run, and so leaves a record.
struct DirectChange: Sendable {
    private static let job: JobPath = "command"

    let command: String
    let events: [any EventPayload]

    static func deletion(
        of deployments: [(id: DeploymentID, name: String?)], because reason: String? = nil
    ) -> DirectChange {
        DirectChange(
            command: "deployments delete",
            events: deployments.enumerated().flatMap { index, deployment in
                step(
                    "delete-\(index + 1)", uses: "delete-deployment",
                    [
                        "deployment-id": .string(deployment.id.rawValue), "deployment": Value(deployment.name),
                        "deleted": true, "reason": Value(reason),
                    ])
            })
    }

    static func interruption(of revision: RevisionID, in deployment: DeploymentID, named name: String) -> DirectChange {
        DirectChange(
            command: "revisions interrupt",
            events: step(
                "interrupt", uses: "interrupt-revision",
                [
                    "deployment-id": .string(deployment.rawValue), "deployment": .string(name),
                    "revision-id": .string(revision.rawValue),
                ]))
    }

    /// A redeploy is accepted, not waited for: its result is not known.
    static func redeploy(
        of target: RevisionID, as revision: RevisionID, in deployment: DeploymentID, named name: String,
        because reason: String? = nil
    ) -> DirectChange {
        DirectChange(
            command: "revisions redeploy",
            events: [
                seen(deployment, name),
                RollbackSeen(
                    attempted: true, toRevisionID: target.rawValue, revisionID: revision.rawValue, reason: reason),
            ])
    }

    /// Nil for a response without an id.
    static func creation(
        of revision: RevisionID?, status: String?, in deployment: DeploymentID, named name: String
    ) -> DirectChange? {
        guard let revision else { return nil }
        let status = status ?? RevisionStatus.unknown.rawValue
        return DirectChange(
            command: "revisions create",
            events: [
                seen(deployment, name),
                RevisionSeen(id: revision.rawValue, role: .ours, status: status, commitSHA: nil),
            ])
    }

    private static func seen(_ deployment: DeploymentID, _ name: String) -> DeploymentSeen {
        DeploymentSeen(
            id: deployment.rawValue, name: name, url: nil, dashboardURL: nil, created: false, previousRevisionID: nil,
            activeRevisionID: nil)
    }

    private static func step(_ id: String, uses: String, _ outputs: [String: Value]) -> [any EventPayload] {
        [StepStarted(job: job, step: id, name: id, uses: uses, attempt: 1)]
            + outputs.filter { $0.value != .null }.sorted { $0.key < $1.key }.map {
                OutputRecorded(job: job, step: id, name: $0.key, value: $0.value)
            }
            + [StepFinished(job: job, step: id, attempt: 1, result: .success, durationMilliseconds: 0)]
    }
}

/// Writes the journals of changes that succeeded, and shares their records. A change that cannot be journaled or shared is a
/// warning.
struct DirectChangeJournal: Sendable {
    let dependencies: Dependencies
    let state: StatePaths
    let connection: Connection
    let terminal: TerminalOptions
    var sharing = RecordOptions.Sharing.none

    @Sendable func write(_ change: DirectChange) async {
        let diagnostics = StandardError.diagnostics(
            isCI: terminal.isCI(dependencies.environment), color: terminal.color)
        do {
            let events = try journal(change)
            guard sharing == .notes else { return }
            await RecordSharing(folder: dependencies.workingDirectory, clock: dependencies.clock)
                .share(RunSummary(events: events), diagnostics)
        } catch {
            diagnostics.warning(
                "cannot record this change: \(error)",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a writable directory")
        }
    }

    /// Returns the events as they are in the journal.
    private func journal(_ change: DirectChange) throws -> [RunEvent] {
        let run = dependencies.newRunID()
        let journal = try FileJournal(creating: state.journal(of: run))
        let log = EventLog(
            runID: run, clock: dependencies.clock, journal: journal,
            redactor: Redactor(secrets: [connection.credentials.apiKey.reveal()]))
        let actor = ActorReader(
            environment: dependencies.environment, ci: dependencies.ciContext(terminal.ci)
        ).actor
        log.append(
            RunStarted(
                workflow: change.command, toolName: "slipway", toolVersion: Version.current, inputs: [:],
                origin: RunOrigin(
                    folder: FileManager.default.currentDirectoryPath, actor: actor,
                    controlPlane: connection.origin(state: state))))
        for event in change.events { log.append(event) }
        log.append(RunFinished(verdict: .success, durationMilliseconds: 0))
        return log.events
    }
}
