import Clocks
import Engine
import TestSupport
import WorkflowModel

/// A workflow of scripted steps, run on a clock that the test moves.
struct TestRun: Sendable {
    let workflow: Workflow
    let clock: VirtualClock
    let cancellation = RunCancellation()
    let log: EventLog
    private let registry: StepRegistry
    private let locks: RunLocks

    init(
        jobs: [Job], types: [StepType], clock: VirtualClock = VirtualClock(), journal: any Journal = MemoryJournal(),
        mask: SecretMask = SecretMask(), locks: String = "/dev/null",
        observers: [any EventObserver] = []
    ) {
        workflow = Workflow(name: "test", jobs: jobs)
        self.clock = clock
        registry = StepRegistry(types)
        self.locks = RunLocks(folder: locks)
        log = EventLog(
            runID: RunID(rawValue: "run-1"), clock: clock, journal: journal, mask: mask, observers: observers)
    }

    /// One job named `job` of these steps.
    init(
        steps: [StepDefinition], timeout: Expression? = nil, types: [StepType], clock: VirtualClock = VirtualClock(),
        journal: any Journal = MemoryJournal(), mask: SecretMask = SecretMask()
    ) {
        self.init(
            jobs: [Job(id: "job", timeout: timeout, steps: steps)], types: types, clock: clock, journal: journal,
            mask: mask)
    }

    func run(inputs: [String: Value] = [:]) async -> Verdict {
        let runner = WorkflowRunner(
            workflow: workflow, registry: registry, log: log, clock: clock, locks: locks, cancellation: cancellation)
        return await runner.run(tool: ("slipway", "1"), inputs: inputs)
    }

    /// How each step that ended did, in the order they ended; retried tries are left out.
    var outcomes: [String] {
        log.events.compactMap { event in
            guard case .stepFinished(let end) = event.payload, !end.willRetry else { return nil }
            return "\(end.step): \(end.result)"
        }
    }

    var jobOutcomes: [String: Outcome] {
        log.state.jobs.compactMapValues { job in
            if case .finished(let outcome) = job.phase { outcome } else { nil }
        }
    }

    func failure(of step: String, in job: String = "job") -> StepFailure? {
        log.state.step(step, of: job).failure
    }
}

extension StepDefinition {
    /// A step whose id, name and type are the same word.
    static func step(
        _ word: String, id: String? = nil, with: [String: Expression] = [:], if condition: Expression = .success,
        timeout: Expression? = nil, retry: RetryPolicy? = nil, continueOnError: Bool = false
    ) -> StepDefinition {
        StepDefinition(
            id: id ?? word, name: word, uses: word, with: with, if: condition, timeout: timeout, retry: retry,
            continueOnError: continueOnError)
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
