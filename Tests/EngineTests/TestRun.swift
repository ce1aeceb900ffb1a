import Clocks
import Engine
import Redaction
import Synchronization
import TestSupport
import WorkflowModel

/// A workflow of scripted steps, run on a clock that the test moves.
struct TestRun: Sendable {
    let workflow: Workflow
    /// The timeout of the run.
    var timeout: Duration?
    let clock: VirtualClock
    let cancellation = RunCancellation()
    let log: EventLog
    private let registry: StepRegistry
    private let locks: RunLocks
    private let context: RunContext

    init(
        jobs: [Job], types: [StepType], clock: VirtualClock = VirtualClock(), journal: any Journal = MemoryJournal(),
        redactor: Redactor = Redactor(), secrets: [String: String] = [:], locks: String = "/dev/null",
        lockWaitLimit: Duration? = nil,
        observers: [any EventObserver] = [], env: [String: Expression] = [:], context: RunContext = RunContext(),
        earlier: [RunEvent] = []
    ) {
        workflow = Workflow(name: "test", env: env, jobs: jobs)
        self.context = context
        self.clock = clock
        registry = StepRegistry(types)
        self.locks = RunLocks(folder: locks, waitLimit: lockWaitLimit)
        log = EventLog(
            runID: RunID(rawValue: "run-1"), clock: clock, journal: journal,
            redactor: secrets.isEmpty ? redactor : Redactor(secrets: Array(secrets.values)), secrets: secrets,
            observers: observers, earlier: earlier)
    }

    /// One job named `job` of these steps.
    init(
        steps: [StepDefinition], timeout: Expression? = nil, types: [StepType], clock: VirtualClock = VirtualClock(),
        journal: any Journal = MemoryJournal(), redactor: Redactor = Redactor()
    ) {
        self.init(
            jobs: [Job(id: "job", timeout: timeout, steps: steps)], types: types, clock: clock, journal: journal,
            redactor: redactor)
    }

    func run(inputs: [String: Value] = [:]) async -> Verdict {
        await runner.run(tool: ("slipway", "1"), inputs: inputs)
    }

    func repeatFailed() async -> Verdict {
        await runner.repeatFailed(tool: ("slipway", "1"))
    }

    func resume() async -> Verdict {
        await runner.resume(tool: ("slipway", "1"))
    }

    private var runner: WorkflowRunner {
        WorkflowRunner(
            workflow: workflow, registry: registry, log: log, clock: clock, locks: locks, cancellation: cancellation,
            context: context, timeout: timeout)
    }

    /// How each step that ended did, in the order they ended; retried tries are left out.
    var outcomes: [String] {
        log.events.compactMap { event in
            guard let end = event.payload as? StepFinished, !end.willRetry else { return nil }
            return "\(end.step): \(end.result)"
        }
    }

    var jobOutcomes: [JobPath: Outcome] {
        log.state.jobs.compactMapValues { job in
            if case .finished(let outcome) = job.phase { outcome } else { nil }
        }
    }

    func failure(of step: String, in job: JobPath = "job") -> StepFailure? {
        log.state.step(step, of: job).failure
    }
}

extension StepDefinition {
    /// A step whose id, name and type are the same word.
    static func step(
        _ word: String, id: String? = nil, with: [String: Expression] = [:], if condition: Expression = .success,
        timeout: Expression? = nil, retry: RetryPolicy? = nil, continueOnError: Bool = false,
        env: [String: Expression] = [:], workingDirectory: Expression? = nil
    ) -> StepDefinition {
        StepDefinition(
            id: id ?? word, name: word, uses: word, with: with, if: condition, timeout: timeout, retry: retry,
            continueOnError: continueOnError, env: env, workingDirectory: workingDirectory)
    }
}

extension StepType {
    static let pass = ScriptedStep.type("pass") { _ in }
    static let fail = ScriptedStep.type("fail") { _ in throw StepFailure.no }
    /// Sleeps an hour; hears when it is told to stop.
    static let sleep = ScriptedStep.type("sleep") { try await $0.clock.sleep(for: .seconds(3600)) }
}

extension StepFailure {
    static let no = StepFailure(.failed, code: "No", "the answer is no")
}

/// Tells a test of every event as it happens.
struct EventHook: EventObserver {
    private let body: @Sendable (RunEvent) -> Void

    init(_ body: @escaping @Sendable (RunEvent) -> Void) { self.body = body }

    func observe(_ event: RunEvent) { body(event) }
}

/// Closed until a test opens it; those who wait do not hear a cancellation.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiters: [CheckedContinuation<Void, Never>]()))

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
