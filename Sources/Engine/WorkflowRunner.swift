package import Clocks
package import WorkflowModel

/// Runs a workflow, or goes on with a run that was interrupted. All it learns goes into the event log.
package struct WorkflowRunner: Sendable {
    /// How long steps that clean up after an order to stop may take, all together (docs/failures.md, row 36).
    static let cleanUpGrace: Duration = .seconds(5)

    private let workflow: Workflow
    private let registry: StepRegistry
    private let facts: RunFacts
    private let log: EventLog
    private let clock: any RunClock
    private let locks: RunLocks
    private let cancellation: RunCancellation
    private let closingFacts: @Sendable () -> [RunEvent.Payload]

    /// `closingFacts` are recorded whenever a step ends, such as the count of requests made so far.
    package init(
        workflow: Workflow, registry: StepRegistry, log: EventLog, clock: any RunClock, locks: RunLocks,
        cancellation: RunCancellation, facts: RunFacts = RunFacts(),
        closingFacts: @escaping @Sendable () -> [RunEvent.Payload] = { [] }
    ) {
        self.workflow = workflow
        self.registry = registry
        self.facts = facts
        self.log = log
        self.clock = clock
        self.locks = locks
        self.cancellation = cancellation
        self.closingFacts = closingFacts
    }

    /// Runs to the end; failures are in the verdict, nothing is thrown.
    package func run(tool: (name: String, version: String), inputs: [String: Value]) async -> Verdict {
        await run(
            RunStarted(workflow: workflow.name, toolName: tool.name, toolVersion: tool.version, inputs: inputs))
    }

    /// Goes on with the run whose events the log was made with, with the inputs they name; one that came to its end
    /// without an order to stop keeps its verdict. Inputs must hold no secret: those are masked in a journal.
    package func resume(tool: (name: String, version: String)) async -> Verdict {
        let state = log.state
        if let verdict = state.finished, state.cancellation == nil { return verdict }
        return await run(
            RunStarted(
                workflow: workflow.name, toolName: tool.name, toolVersion: tool.version, inputs: state.inputs,
                isResumed: state.isStarted ? true : nil))
    }

    private func run(_ start: RunStarted) async -> Verdict {
        let began = clock.now
        log.append(.runStarted(start))
        do throws(RunPlan.Problem) {
            await loop(over: try RunPlan(workflow, inputs: start.inputs, facts: facts)).run()
        } catch {
            log.append(.jobFinished(JobFinished(job: error.job, result: .error, failure: error.failure)))
        }
        let verdict = log.state.verdict
        log.append(
            .runFinished(
                RunFinished(verdict: verdict, durationMilliseconds: began.duration(to: clock.now).milliseconds)))
        return verdict
    }

    private func loop(over plan: RunPlan) -> RunLoop {
        RunLoop(
            plan: plan, registry: registry, contexts: ContextBuilder(plan: plan, registry: registry, facts: facts),
            scheduler: Scheduler(plan: plan, registry: registry, facts: facts), log: log, clock: clock, locks: locks,
            cancellation: cancellation, closingFacts: closingFacts)
    }
}
