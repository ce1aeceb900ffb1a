import Clocks
package import ControlPlane
package import ControlPlaneTypes
package import Engine
import FoundationEssentials
package import Git
import Redaction
package import Steps
package import TestSupport
package import WorkflowModel

/// Runs a built-in workflow against a model control plane, in virtual time.
package struct WorkflowHarness: Sendable {
    package static let oldCommit = String(repeating: "1", count: 40)
    package static let ourCommit = String(repeating: "2", count: 40)
    package static let otherCommit = String(repeating: "3", count: 40)

    package var workflow: @Sendable () throws -> Workflow = BuiltinWorkflows.deploy
    package var inputs: [String: Value] = ["deployment": "agent"]
    /// A real repository, read by the real `git` step; without one a stub answers `ourCommit` on main.
    package var repository: String?
    package var ref: String? = "main"
    package var remoteURL: String? = "https://github.com/octo/agent"
    package var uploads = UploadIndex(path: nil)
    package var ci = CIContext.none
    /// What stands in the file that the key comes from; nil when it comes from elsewhere.
    package var keyFile: (@Sendable () -> String)?
    /// When the order to stop comes.
    package var interruptAt: Duration?
    /// The order comes when a request to this endpoint leaves.
    package var interruptOn: String?
    /// After so many of them.
    package var interruptAfter = 0
    /// The order comes in the moment this step begins.
    package var interruptAtStep: String?
    /// What a secrets file holds, which must not be in the journal.
    package var secrets: [String] = []
    /// The key for steps that name the control plane once more; nil for what the run uses.
    package var stepKey: @Sendable () throws -> String? = { nil }
    /// Whether the logs of a revision are shown while it is watched.
    package var followsLogs = false
    /// See `StepServices.buildLineHint`.
    package var buildLineHint: String?
    /// What records say of the revisions, in the order of their creation; nil for no records.
    package var records: (@Sendable ([RevisionID]) -> RecordedRevisions)?
    /// Whether a run that goes on with another one is `resume --failed`.
    package var repeatsFailed = false
    package var jitter: @Sendable () -> Double = { 0.5 }
    /// The limit of its requests; nil for none.
    package var rate: RequestRate?

    package let clock = VirtualClock()
    package let plane: ModelControlPlane

    /// The remote's main holds `ourCommit`.
    package init(_ arrange: (inout ModelWorld) -> Void = { _ in }) {
        plane = ModelControlPlane(clock: clock)
        plane.world {
            $0.remote["main"] = Self.ourCommit
            arrange(&$0)
        }
    }

    /// A deployment named agent that serves `oldCommit`.
    package static func deployed(_ arrange: (inout ModelWorld) -> Void = { _ in }) -> WorkflowHarness {
        WorkflowHarness {
            $0.addDeployment(commits: [oldCommit])
            arrange(&$0)
        }
    }

    /// `stopped` is a run of the same trial that this one goes on with.
    package func run(resuming stopped: WorkflowHarnessResult? = nil) async throws -> WorkflowHarnessResult {
        let journal = MemoryJournal()
        let earlier = stopped?.events ?? []
        let verdict = try await run(journal, over: plane, earlier: earlier)
        return WorkflowHarnessResult(
            verdict: verdict, events: earlier + journal.events, plane: plane, duration: clock.now.sinceStart)
    }

    /// Runs the workflow, or goes on with the run that these events are of; what happens is in the journal then.
    package func run(_ journal: any Journal, over transport: any HTTPTransport, earlier: [RunEvent] = []) async throws
        -> Verdict
    {
        let workflow = try workflow()
        let inputs = filledInputs(workflow)
        let folder = FileManager.default.temporaryDirectory.path + "/slipway-trial-\(UUID().uuidString)"
        // Nothing depends on a left-over temporary folder.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cancellation = RunCancellation()
        let key = plane.world(\.key)
        let log = EventLog(
            runID: RunID(rawValue: "trial"), clock: clock, journal: journal,
            redactor: Redactor(secrets: [key] + secrets),
            facts: BuiltinWorkflows.facts(in: inputs),
            observers: [StepInterrupter(step: interruptAtStep, cancellation: cancellation)], earlier: earlier,
            keepsEvents: false)
        let runner = WorkflowRunner(
            workflow: workflow,
            registry: try registry(
                log, cancellation, over: transport, key: key, scratch: folder + "/scratch",
                earlier: earlier),
            log: log, clock: clock, locks: RunLocks(folder: folder + "/locks"), cancellation: cancellation,
            context: RunContext(git: .object(["sha": .string(Self.ourCommit)])))
        return await VirtualTimeExecutor.run(on: clock) { [clock, repeatsFailed] in
            await withTaskGroup(of: Void.self) { group in
                if let interruptAt {
                    group.addTask {
                        // Cut short when the run is over first.
                        try? await clock.sleep(for: interruptAt)
                        if !Task.isCancelled { cancellation.cancel(.interrupt) }
                    }
                }
                defer { group.cancelAll() }
                let tool = (name: "slipway", version: "0")
                if earlier.isEmpty { return await runner.run(tool: tool, inputs: inputs) }
                return repeatsFailed ? await runner.repeatFailed(tool: tool) : await runner.resume(tool: tool)
            }
        }
    }

    private func filledInputs(_ workflow: Workflow) -> [String: Value] {
        var values = inputs
        // No repository is there to ask whether the commit is pushed.
        if repository == nil && workflow.name == "deploy" { values["allow-unpushed"] = true }
        if workflow.name == "deploy" { values["directory"] = .string(repository ?? "/nonexistent") }
        for input in workflow.inputs where values[input.name] ?? .null == .null {
            values[input.name] = input.defaultValue
        }
        return values
    }

    private func registry(
        _ log: EventLog, _ cancellation: RunCancellation, over base: any HTTPTransport, key: String, scratch: String,
        earlier: [RunEvent]
    ) throws -> StepRegistry {
        var transport = base
        if let interruptOn {
            transport = InterruptingTransport(
                base: base, endpoint: interruptOn, after: interruptAfter, cancellation: cancellation)
        }
        let retrying = RetryingTransport(transport, clock: clock, jitter: jitter) { notice in
            log.append(Noted(job: "", step: "", level: .debug, message: "\(notice)"))
        }
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
            credentials: try Credentials(apiKey: key, source: "--api-key-file", reread: keyFile), transport: retrying,
            clock: clock,
            jitter: jitter)
        if let rate { client.budgets.limit(to: rate) }
        var services = StepServices(
            client: client, agentTransport: base, agentKey: nil, uploads: uploads, environment: ci,
            dashboard: nil, scratchFolder: scratch,
            deployPresets: [
                "directory": .string(repository ?? "/nonexistent"), "allow-unpushed": .bool(repository == nil),
            ],
            followsLogs: followsLogs, earlier: earlier)
        services.buildLineHint = buildLineHint
        if let records {
            services.records = { [plane] snapshot in
                records(plane.world { $0.deployment(snapshot.deployment.id)?.revisions.map(\.id) ?? [] })
            }
        }
        services.connect = { [stepKey, clock, jitter] _ in
            guard let key = try stepKey() else { return nil }
            let client = ControlPlaneClient(
                address: try ControlPlaneAddress(ModelControlPlane.url, source: "test"),
                credentials: try Credentials(apiKey: key, source: "LANGSMITH_API_KEY_EU"), transport: retrying,
                clock: clock, jitter: jitter)
            return ConnectedPlane(
                client: client, url: ModelControlPlane.url, key: SecretValue(key),
                commands: PrintedCommands(
                    flags: " --control-plane \(ModelControlPlane.url)", assignment: "LANGSMITH_API_KEY=\"$K\" "))
        }
        let real = BuiltinSteps.registry(services)
        guard repository == nil else { return real }
        let stub = StubGitStep.type(sha: Self.ourCommit, ref: ref, remoteURL: remoteURL)
        return StepRegistry([stub].compactMap(\.self)) { real[$0] }
    }
}

/// Gives the order to stop in the moment a step begins.
struct StepInterrupter: EventObserver {
    let step: String?
    let cancellation: RunCancellation

    func observe(_ event: RunEvent) {
        if let start = event.payload as? StepStarted, start.step == step { cancellation.cancel(.interrupt) }
    }
}

/// Gives the order to stop in the moment a request to one endpoint leaves.
final class InterruptingTransport: HTTPTransport {
    let base: any HTTPTransport
    let endpoint: String
    let cancellation: RunCancellation
    /// Requests to it that leave before.
    private let passing: Locked<Int>

    init(base: any HTTPTransport, endpoint: String, after count: Int, cancellation: RunCancellation) {
        self.base = base
        self.endpoint = endpoint
        self.cancellation = cancellation
        passing = Locked(count)
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.endpoint == endpoint {
            let passes = passing.withLock { count in
                count -= 1
                return count >= 0
            }
            if !passes { cancellation.cancel(.interrupt) }
        }
        return try await base.send(request)
    }
}

/// Stands in for the `git` step where a test is not about the repository: a clean, pushed commit.
struct StubGitStep: Step {
    let sha: String
    let ref: String?
    let remoteURL: String?

    /// Nil only when there is no built-in step type of that name.
    static func type(sha: String, ref: String?, remoteURL: String?) -> StepType? {
        BuiltinSteps.signatures.first { $0.uses == "git" }.map { signature in
            StepType(signature) { _ in StubGitStep(sha: sha, ref: ref, remoteURL: remoteURL) }
        }
    }

    func run(in context: StepContext) async throws {
        context.record(
            CommitRead(
                sha: sha, ref: ref, branch: ref, tag: nil, dirty: false, remoteURL: remoteURL, subject: "Work"))
        context.output("sha", .string(sha))
        context.output("ref", Value(ref))
        context.output("remote-url", Value(remoteURL))
    }
}
