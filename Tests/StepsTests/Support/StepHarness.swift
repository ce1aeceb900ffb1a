import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import Redaction
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// Runs one built-in step as a workflow of its own, in virtual time, with answers from a script.
struct StepHarness {
    static let agent = "https://agent.example"

    var uses: String
    var with: [String: Value]
    /// A workflow file, instead of one step with these inputs.
    var file: String?
    var env: [String: Value] = [:]
    var workingDirectory: String?
    var timeout: Duration?
    var retry: WorkflowModel.RetryPolicy?
    let clock = VirtualClock()
    /// The control plane.
    let plane = StubTransport()
    /// Everybody else.
    let web = StubTransport()
    let cancellation = RunCancellation()
    /// Changed by a test that is about one of them.
    var adjust: (inout StepServices) -> Void = { _ in }
    /// Off for steps that start programs, whose time the virtual clock does not see.
    var isVirtual = true

    init(_ uses: String, _ with: [String: Value] = [:]) {
        self.uses = uses
        self.with = with
    }

    func run() async throws -> StepHarnessResult {
        let folder = try TemporaryFolder()
        let journal = MemoryJournal()
        let log = EventLog(
            runID: RunID(rawValue: "trial-\(UUID())"), clock: clock, journal: journal,
            redactor: Redactor(secrets: ["hush-hush"]))
        let runner = WorkflowRunner(
            workflow: try parsedFile() ?? workflow, registry: BuiltinSteps.registry(try services(scratch: folder.path)),
            log: log,
            clock: clock, locks: RunLocks(folder: folder.path + "/locks"), cancellation: cancellation)
        let verdict =
            if isVirtual {
                await VirtualTimeExecutor.run(on: clock) { await runner.run(tool: ("slipway", "0"), inputs: [:]) }
            } else {
                await runner.run(tool: ("slipway", "0"), inputs: [:])
            }
        return StepHarnessResult(verdict: verdict, events: journal.events, duration: clock.now.sinceStart)
    }

    private func parsedFile() throws -> Workflow? {
        try file.map { try #require(WorkflowParser.parse(Array($0.utf8), file: "trial.yml").0).workflow }
    }

    private var workflow: Workflow {
        let step = StepDefinition(
            id: "step", name: "Step", uses: uses, with: with.mapValues { .literal($0) },
            timeout: timeout.map { .literal(.number($0.seconds)) }, retry: retry,
            env: env.mapValues { .literal($0) }, workingDirectory: workingDirectory.map { .literal(.string($0)) })
        return Workflow(name: "trial", jobs: [Job(id: "job", steps: [step])])
    }

    private func services(scratch: String) throws -> StepServices {
        let client = ControlPlaneClient(
            address: try ControlPlaneAddress("https://plane.example", source: "test"),
            credentials: try Credentials(apiKey: "hush-hush", source: "test"), transport: plane, clock: clock,
            jitter: { 0.5 })
        var services = StepServices(
            client: client, agentTransport: web, agentKey: SecretValue("agent-key"),
            uploads: UploadIndex(path: nil), environment: .none, dashboard: nil, scratchFolder: scratch + "/scratch")
        adjust(&services)
        return services
    }
}

/// What a `StepHarness` came to.
struct StepHarnessResult {
    let verdict: Verdict
    let events: [RunEvent]
    let duration: Duration

    var failure: StepFailure? {
        events.lazy.compactMap { if let end = $0.payload as? StepFinished { end.failure } else { nil } }.first
    }

    /// For a test that fails.
    var story: Comment { "\(failure?.message ?? "no failure") after \(duration)" }

    var outputs: [String: Value] {
        var outputs: [String: Value] = [:]
        for event in events {
            if let output = event.payload as? OutputRecorded { outputs[output.name] = output.value }
        }
        return outputs
    }

    var logLines: [String] {
        events.flatMap { if let log = $0.payload as? Logged { log.lines } else { [String]() } }
    }

    func notes(_ level: Noted.Level) -> [String] {
        events.compactMap { event in
            if let note = event.payload as? Noted, note.level == level { note.message } else { nil }
        }
    }
}
