package import Clocks
package import WorkflowModel

/// Runs a workflow, or goes on with a run that was interrupted. All it learns goes into the event log.
package struct WorkflowRunner: Sendable {
    /// How long steps that clean up after an order to stop may take, all together (docs/failures.md, row 36).
    static let cleanUpGrace: Duration = .seconds(5)

    private let workflow: Workflow
    private let environment: RunEnvironment
    private let log: EventLog
    private let cancellation: RunCancellation

    /// `closingFacts` are recorded whenever a step ends, such as the count of requests made so far.
    package init(
        workflow: Workflow, registry: StepRegistry, log: EventLog, clock: any RunClock, locks: RunLocks,
        cancellation: RunCancellation, facts: RunFacts = RunFacts(),
        closingFacts: @escaping @Sendable () -> [RunEvent.Payload] = { [] }
    ) {
        self.workflow = workflow
        environment = RunEnvironment(
            registry: registry, facts: facts, clock: clock, locks: locks, closingFacts: closingFacts)
        self.log = log
        self.cancellation = cancellation
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
        let began = environment.clock.now
        log.append(.runStarted(start))
        do throws(RunPlan.Problem) {
            let plan = try RunPlan(workflow, inputs: start.inputs, facts: environment.facts)
            await RunLoop(plan: plan, environment: environment, log: log, cancellation: cancellation).run()
        } catch {
            log.append(.jobFinished(JobFinished(job: error.job, result: .error, failure: error.failure)))
        }
        let verdict = log.state.verdict
        log.append(
            .runFinished(
                RunFinished(
                    verdict: verdict, durationMilliseconds: began.duration(to: environment.clock.now).milliseconds)))
        return verdict
    }
}
