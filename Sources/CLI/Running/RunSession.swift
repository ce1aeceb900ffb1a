import Clocks
import ControlPlane
import ControlPlaneTypes
import Dispatch
import Engine
import Fleet
import FoundationEssentials
import Git
import History
import Redaction
import Reports
import Steps
import WorkflowModel

/// One run of a workflow from the command line: journal, progress, signals, reports, exit code.
struct RunSession: Sendable {
    let dependencies: Dependencies
    let state: StatePaths
    let terminal: TerminalOptions
    let reports: ReportOptions
    let connection: Connection
    /// Whether the logs of revisions are streamed.
    var showsLogs = false
    var records = RecordOptions.Sharing.none
    /// Instead of what the run began with.
    var rate: RequestRate?
    /// Set by a deploy to the local control plane.
    var local: LocalDeploy?
    /// Who else is told of each event.
    var observers: [any EventObserver] = []

    private static let tool = (name: "slipway", version: Version.current)

    /// Runs the workflow and returns its verdict; reports are written on every outcome.
    ///
    /// - Parameter jobs: the names of the jobs that were asked for; empty for all.
    func run(
        _ workflow: LoadedWorkflow, inputs: [String: Value], flags: RunFlags = RunFlags(), jobs: [String] = []
    ) async throws -> Verdict {
        let facts = try await facts(for: workflow)
        let origin = await origin(of: workflow, facts, jobs)
        // From the first line of the journal, a signal cancels the run instead of the process.
        let signals = RunSignals(cancellation: RunCancellation())
        return try await signals.during {
            let runID = dependencies.newRunID()
            let journal = try openJournal(runID)
            async let _ = removeOldRuns()
            try workflow.save(to: state.workflow(of: runID))
            let inputs = workflow.workflow.filled(inputs)
            let preparation = RunPreparation(
                runID: runID, workflow: workflow, inputs: inputs, flags: flags, facts: facts, origin: origin,
                journal: journal)
            let verdict = try await perform(preparation, signals) { runner in
                await runner.run(
                    tool: Self.tool, inputs: inputs, flags: flags.values.isEmpty ? nil : flags.values, origin: origin)
            }
            // With the same cancellation: Ctrl-C counts from the moment at which the run asks for it.
            if verdict == .success, local?.staysUp == true {
                try await LocalDeploy.stayUp(until: signals.cancellation, clock: dependencies.clock) {
                    StartedPlane.hasEnded
                }
            }
            return verdict
        }
    }

    /// What a resumed run needs to go on as this one began.
    private func origin(of workflow: LoadedWorkflow, _ facts: RunContext, _ jobs: [String]) async -> RunOrigin {
        RunOrigin(
            folder: FileManager.default.currentDirectoryPath,
            actor: ActorReader(environment: dependencies.environment, ci: dependencies.ciContext(terminal.ci)).actor,
            controlPlane: workflow.reachesControlPlane ? connection.origin(state: state) : nil,
            checkout: await contexts.checkout(), jobs: jobs, waves: workflow.fleet?.jobs,
            records: records == .none ? nil : records.rawValue,
            git: workflow.isFromFile ? facts.git : .null,
            ci: workflow.isFromFile ? facts.ci : .null)
    }

    private var contexts: RunContextLoader {
        RunContextLoader(environment: dependencies.environment, ci: dependencies.ciContext(terminal.ci))
    }

    /// Reports again how a finished run ended.
    func reportFinished(_ stored: JournaledRun, _ verdict: Verdict) async -> Verdict {
        StandardError.diagnostics(isCI: terminal.isCI(dependencies.environment), color: terminal.color)
            .warning(
                "nothing to resume: run \(stored.id) is finished",
                hint: verdict == .success
                    ? nil : "run again what failed: slipway resume --failed \(stored.id)\(state.resumeFlags)")
        let summary = RunSummary(events: stored.events)
        let finisher = RunFinisher(
            session: self, summary: summary, journal: stored.journal, workflow: stored.workflow,
            hasPrintedProgress: false)
        let ended = finisher.finish(verdict)
        // Its process may have been killed before it could.
        await finisher.shareRecords(from: stored.origin.folder)
        return ended
    }

    /// Continues an interrupted run with the inputs and outputs in its journal, or runs again what failed in one that
    /// ended.
    func resume(_ stored: JournaledRun, repeatsFailed: Bool) async throws -> Verdict {
        let facts = try await facts(of: stored)
        // A run that this process cannot continue stays as it is.
        if stored.workflow.reachesControlPlane { try await connection.check(dependencies) }
        let signals = RunSignals(cancellation: RunCancellation())
        return try await signals.during {
            // Held from here on, so that no other process continues the run.
            let journal = try stored.openJournal()
            let recorded = RunPreparation(
                runID: stored.id, workflow: stored.workflow, inputs: stored.inputs, flags: stored.flags, facts: facts,
                origin: stored.origin, journal: journal, earlier: stored.events)
            let values = try stored.restored(recorded.namedSecrets)
            try await StoredCheckout(stored, inputs: values.inputs, facts).check()
            let preparation = RunPreparation(
                runID: stored.id, workflow: stored.workflow, inputs: values.inputs, flags: values.flags, facts: facts,
                origin: stored.origin, journal: journal, earlier: stored.events)
            return try await perform(preparation, signals) { runner in
                let changes = changes(since: stored)
                return repeatsFailed
                    ? await runner.repeatFailed(tool: Self.tool, changes: changes)
                    : await runner.resume(tool: Self.tool, changes: changes)
            }
        }
    }

    private func facts(of stored: JournaledRun) async throws -> RunContext {
        guard stored.workflow.isFromFile, stored.origin.git != .null else {
            return try await facts(for: stored.workflow)
        }
        return try contexts.runFacts(of: stored.origin, secretNames: stored.workflow.secretNames)
    }

    /// A local control plane that was started again has another address.
    private func changes(since stored: JournaledRun) -> [String: Value] {
        guard !stored.workflow.isFromFile, stored.origin.controlPlane?.isLocal == true else { return [:] }
        return ["control-plane": .string(connection.address.baseURL)]
    }

    private func perform(
        _ run: RunPreparation, _ signals: RunSignals, _ work: @Sendable (WorkflowRunner) async -> Verdict
    ) async throws -> Verdict {
        let secrets = secrets(run)
        let collector = SummaryCollector(earlier: run.earlier)
        let output = RunPrinter(
            of: run.workflow, terminal: terminal, showsLogs: showsLogs, output: reports.output,
            dependencies: dependencies)
        // Before the run can print one.
        output.mask(secrets)
        warn(of: run)
        let log = EventLog(
            runID: run.runID, clock: dependencies.clock, journal: run.journal, redactor: Redactor(secrets: secrets),
            secrets: run.namedSecrets, facts: run.publicFacts, observers: [collector, output] + observers,
            earlier: run.earlier,
            keepsEvents: false, tellSecret: { output.mask([$0]) })
        let transports = try dependencies.transport { notice in log.append(notice.asNote) }
        defer { transports.plain.shutDown() }
        if let rate = rate ?? run.flags.rate ?? (run.workflow.fleet == nil ? nil : .ofFleets) {
            transports.budgets.limit(to: rate)
        }
        let runner = WorkflowRunner(
            workflow: run.workflow.workflow,
            registry: BuiltinSteps.registry(services(run, transports, signals.programs), files: run.workflow.files),
            log: log,
            clock: dependencies.clock, locks: state.locks, cancellation: signals.cancellation, context: run.facts,
            timeout: run.flags.timeout, logFolder: state.logs(of: run.runID),
            closingEvents: { [transports.counter.counts.asEvent] })
        let verdict = await output.refreshing { await work(runner) }
        output.close()
        // Only an archive is left there, which a crash would leave too.
        try? FileManager.default.removeItem(atPath: state.scratch(of: run.runID))
        if let failure = runner.suspension { throw unfinished(run.runID, failure) }
        let finisher = RunFinisher(
            session: self, summary: collector.summary, journal: run.journal.path, workflow: run.workflow)
        let ended = finisher.finish(verdict)
        state.retention.mark(run.runID, isUnchanged: ChangeRecords.of(collector.summary).isEmpty)
        await finisher.shareRecords()
        return ended
    }

    private func unfinished(_ run: RunID, _ failure: StepFailure) -> StepFailure {
        var failure = failure
        let resume = "run slipway resume \(run)\(state.resumeFlags)"
        failure.message = "run \(run) stays unfinished: \(failure.message)"
        failure.hint = failure.hint.map { "\($0); then \(resume)" } ?? resume
        return failure
    }

    /// Runs beside the run, because deleting can take as long as a step. It blocks, so it has its own queue.
    private func removeOldRuns() async {
        await withCheckedContinuation { done in
            DispatchQueue(label: "old runs").async {
                state.retention.removeOld()
                done.resume()
            }
        }
    }

    private func openJournal(_ runID: RunID) throws -> FileJournal {
        do {
            return try FileJournal(creating: state.journal(of: runID))
        } catch {
            throw StepFailure(
                .configurationMissing, code: "StateNotWritable", "cannot create the journal: \(error)",
                hint: "set --state-dir or SLIPWAY_STATE_DIR to a writable directory")
        }
    }

    /// The built-in workflows read the commit in a step and use none of these.
    private func facts(for workflow: LoadedWorkflow) async throws -> RunContext {
        guard workflow.isFromFile else { return RunContext() }
        return try await contexts.runFacts(secretNames: workflow.secretNames)
    }

    private func secrets(_ run: RunPreparation) -> [String] {
        let agentKey = dependencies.environment["SLIPWAY_AGENT_API_KEY"]
        return [connection.credentials.apiKey.reveal(), agentKey].compactMap(\.self) + run.secrets
            + StepKeyVariable.keys(in: dependencies.environment)
            + URLCredentials.ofProxies(in: dependencies.environment)
    }

    private func warn(of run: RunPreparation) {
        let diagnostics = StandardError.diagnostics(
            isCI: terminal.isCI(dependencies.environment), color: terminal.color)
        let agentKey = dependencies.environment.filter { $0.key == "SLIPWAY_AGENT_API_KEY" }
        let named = run.facts.secrets.merging(agentKey) { $1 }
        for (name, secret) in named.sorted(by: { $0.key < $1.key }) {
            if let warning = Redactor.warning(of: secret, named: name) { diagnostics.warning(warning) }
        }
        if let warning = CILogMasking.warning(environment: dependencies.environment) {
            diagnostics.warning(warning.message, hint: warning.hint)
        }
    }

    private func services(
        _ run: RunPreparation, _ transports: Dependencies.Transports, _ programs: RunningPrograms
    ) -> StepServices {
        let agentKey = dependencies.environment["SLIPWAY_AGENT_API_KEY"].flatMap { $0.isEmpty ? nil : SecretValue($0) }
        var services = StepServices(
            client: connection.client(transports, dependencies), agentTransport: transports.plain,
            agentKey: agentKey, uploads: UploadIndex(path: state.uploads),
            environment: dependencies.ciContext(terminal.ci),
            resumedCheckout: run.earlier.isEmpty ? nil : run.origin.checkout,
            dashboard: Dashboard(controlPlane: connection.address.baseURL), scratchFolder: state.scratch(of: run.runID),
            processes: SubprocessRunner(running: programs),
            processEnvironment: dependencies.environment.filter { run.facts.secrets[$0.key] == nil },
            prompt: TerminalApproval(environment: dependencies.environment),
            deployPresets: DeployPresets(connection: connection, environment: dependencies.environment).values
                .merging(run.flags.presets) { $1 },
            followsLogs: showsLogs,
            generatedFiles: state.generatedFiles(and: reports.files + StandardOutput.files), earlier: run.earlier,
            connect: StepConnections(of: connection, transports, dependencies).plane)
        services.records = dependencies.records(state).revisions
        if connection.isLocal { services.buildLineHint = local?.buildLineHint ?? LocalDeploy.logsHint }
        return services
    }
}

extension Workflow {
    /// The inputs, with defaults for those that are unset.
    fileprivate func filled(_ given: [String: Value]) -> [String: Value] {
        var values = given
        for input in inputs where values[input.name] ?? .null == .null { values[input.name] = input.defaultValue }
        return values
    }
}

extension TransportNotice {
    fileprivate var asNote: any EventPayload {
        let message =
            switch self {
            case .outageBegan(let reason): "control plane unreachable, retrying: \(reason)"
            case .recovered(let duration): "reconnected after \(duration.brief)"
            case .rateLimited(let duration): "rate limited, waiting \(duration.brief)"
            }
        let isGood = if case .recovered = self { true } else { false }
        return Noted(job: "", step: "", level: isGood ? .info : .warning, message: message)
    }
}

extension RequestCounter.Counts {
    fileprivate var asEvent: any EventPayload {
        RequestsCounted(total: total, retries: retries, byEndpoint: byEndpoint)
    }
}
