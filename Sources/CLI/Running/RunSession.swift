import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import Reports
import Steps
import WorkflowModel

/// One run of a workflow from the command line: journal, progress, signals, reports, exit code.
struct RunSession: Sendable {
    let dependencies: Dependencies
    let state: StateFolder
    let terminal: TerminalOptions
    let reports: ReportOptions
    let connection: Connection

    private static let tool = (name: "slipway", version: Version.current)

    /// Runs the workflow to its end and answers the code to exit with; reports are written whatever happens. `file` is
    /// the file it was read from, nil for a built-in one.
    func run(_ workflow: Workflow, inputs: [String: Value], file: WorkflowSource? = nil) async throws -> Verdict {
        let runID = dependencies.newRunID()
        let journal = try openJournal(runID)
        if let file { try file.keepCopy(at: state.workflowCopy(of: runID)) }
        return try await perform(workflow, runID, journal, readsOutside: file != nil) { runner in
            await runner.run(tool: Self.tool, inputs: workflow.filled(inputs))
        }
    }

    /// Goes on with a run that was cut off, with the inputs and outputs that its journal has.
    func resume(_ stored: StoredRun) async throws -> Verdict {
        let journal = try stored.openJournal()
        return try await perform(
            stored.workflow, stored.id, journal, earlier: stored.events, readsOutside: stored.isFromFile
        ) { runner in
            await runner.resume(tool: Self.tool)
        }
    }

    private func perform(
        _ workflow: Workflow, _ runID: RunID, _ journal: FileJournal, earlier: [RunEvent] = [], readsOutside: Bool,
        _ work: @Sendable (WorkflowRunner) async -> Verdict
    ) async throws -> Verdict {
        let screen = Screen(terminal: terminal, output: reports.output, dependencies: dependencies)
        let log = EventLog(
            runID: runID, clock: dependencies.clock, journal: journal, mask: mask, observers: [screen],
            earlier: earlier)
        let transports = try dependencies.transport { notice in log.append(notice.asNote) }
        defer { transports.plain.shutDown() }
        let runner = WorkflowRunner(
            workflow: workflow, registry: BuiltinSteps.registry(services(runID, transports)), log: log,
            clock: dependencies.clock, locks: state.locks, cancellation: screen.cancellation,
            facts: readsOutside ? await outsideFacts() : RunFacts(),
            closingFacts: { [transports.counter.counts.asEvent] })
        let verdict = await SignalWatch(cancellation: screen.cancellation).during {
            await screen.refreshing { await work(runner) }
        }
        screen.close()
        // Nothing is left there but an archive that a crash would have left too.
        try? FileManager.default.removeItem(atPath: state.scratch(of: runID))
        return Closing(session: self, log: log, journal: journal.path).conclude(verdict)
    }

    private func openJournal(_ runID: RunID) throws -> FileJournal {
        do {
            return try FileJournal(creating: state.journal(of: runID))
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable", "the journal cannot be made: \(error)",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a folder that can be written")
        }
    }

    /// The built-in workflows read the commit by a step and need none of these.
    private func outsideFacts() async -> RunFacts {
        await OutsideFacts(environment: dependencies.environment, ci: dependencies.ciContext(terminal.ci))
            .runFacts()
    }

    private var mask: SecretMask {
        let agentKey = dependencies.environment["SLIPWAY_AGENT_API_KEY"]
        return SecretMask(secrets: [connection.credentials.apiKey.reveal(), agentKey].compactMap(\.self))
    }

    private func services(_ runID: RunID, _ transports: Dependencies.Transports) -> StepServices {
        let agentKey = dependencies.environment["SLIPWAY_AGENT_API_KEY"].flatMap { $0.isEmpty ? nil : SecretValue($0) }
        return StepServices(
            client: connection.client(transports, dependencies), agentTransport: transports.plain,
            agentKey: agentKey, uploads: UploadLedger(path: state.uploads),
            environment: dependencies.ciContext(terminal.ci),
            dashboard: Dashboard(controlPlane: connection.address.baseURL), scratchFolder: state.scratch(of: runID),
            processEnvironment: dependencies.environment,
            prompt: TerminalApproval(environment: dependencies.environment))
    }
}

extension Workflow {
    /// The inputs with defaults for those that were not given.
    fileprivate func filled(_ given: [String: Value]) -> [String: Value] {
        var values = given
        for input in inputs where values[input.name] ?? .null == .null { values[input.name] = input.defaultValue }
        return values
    }
}

extension TransportNotice {
    fileprivate var asNote: RunEvent.Payload {
        let message =
            switch self {
            case .outageBegan(let reason): "lost contact, trying on: \(reason)"
            case .recovered(let duration): "contact again after \(duration.brief)"
            case .rateLimited(let duration): "asked to slow down: pausing for \(duration.brief)"
            }
        let isGood = if case .recovered = self { true } else { false }
        return .noted(Noted(job: "", step: "", level: isGood ? .info : .warning, message: message))
    }
}

extension RequestCounter.Counts {
    fileprivate var asEvent: RunEvent.Payload {
        .requestsCounted(RequestsCounted(total: total, retries: retries, byEndpoint: byEndpoint))
    }
}
