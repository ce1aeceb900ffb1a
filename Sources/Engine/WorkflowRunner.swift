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
    private let timeout: Duration?

    /// `closingEvents` are recorded whenever a step ends, such as the count of requests made so far. `timeout` bounds
    /// every job, as long as nothing went wrong in it.
    package init(
        workflow: Workflow, registry: StepRegistry, log: EventLog, clock: any RunClock, locks: RunLocks,
        cancellation: RunCancellation, facts: RunContext = RunContext(), timeout: Duration? = nil,
        closingEvents: @escaping @Sendable () -> [any EventPayload] = { [] }
    ) {
        self.workflow = workflow
        environment = RunEnvironment(
            registry: registry, facts: facts, clock: clock, locks: locks, closingEvents: closingEvents)
        self.log = log
        self.cancellation = cancellation
        self.timeout = timeout
    }

    /// Runs to the end; failures are in the verdict, nothing is thrown.
    package func run(
        tool: (name: String, version: String), inputs: [String: Value], flags: [String: Value]? = nil
    ) async -> Verdict {
        await run(
            RunStarted(
                workflow: workflow.name, toolName: tool.name, toolVersion: tool.version, inputs: inputs, flags: flags))
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
        log.append(start)
        do throws(RunPlan.Problem) {
            let plan = try RunPlan(workflow, inputs: start.inputs, facts: environment.facts)
            let bounds = RunBounds(deadline: timeout.map { began.advanced(by: $0) })
            await RunLoop(
                plan: plan, environment: environment, bounds: bounds, log: log, cancellation: cancellation
            ).run()
        } catch {
            log.append(JobFinished(job: JobPath(error.job), result: .error, failure: error.failure))
        }
        let verdict = log.state.verdict
        let duration = began.duration(to: environment.clock.now)
        log.append(
            RunFinished(verdict: verdict, durationMilliseconds: duration.milliseconds))
        return verdict
    }
}
