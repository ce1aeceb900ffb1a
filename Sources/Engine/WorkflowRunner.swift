package import Clocks
package import WorkflowModel

/// Runs a workflow, or resumes an interrupted run; everything is recorded in the event log.
package struct WorkflowRunner: Sendable {
    /// How long all cleanup steps after a cancellation can take together (docs/failures.md, row 36).
    static let cleanUpGrace: Duration = .seconds(5)

    /// What a job that asks for the status of the others has at least, however little is left of the run's timeout.
    static let cleanUpJobGrace: Duration = .seconds(300)

    private let workflow: Workflow
    private let environment: RunEnvironment
    private let log: EventLog
    private let cancellation: RunCancellation
    private let timeout: Duration?

    /// `closingEvents` are recorded whenever a step ends, such as the count of requests so far. `timeout` limits every job
    /// as long as nothing in it failed. The whole logs of steps are kept in `logFolder`.
    package init(
        workflow: Workflow, registry: StepRegistry, log: EventLog, clock: any RunClock, locks: RunLocks,
        cancellation: RunCancellation, context: RunContext = RunContext(), timeout: Duration? = nil,
        logFolder: String? = nil,
        closingEvents: @escaping @Sendable () -> [any EventPayload] = { [] }
    ) {
        self.workflow = workflow
        environment = RunEnvironment(
            registry: registry, runContext: context, clock: clock, locks: locks, logFolder: logFolder,
            closingEvents: closingEvents)
        self.log = log
        self.cancellation = cancellation
        self.timeout = timeout
    }

    /// Why the run has no end yet, although nothing is left that this process can do; nil for a run that ended.
    package var suspension: StepFailure? { environment.suspension.failure }

    /// Runs to the end; failures are in the verdict.
    package func run(
        tool: (name: String, version: String), inputs: [String: Value], flags: [String: Value]? = nil,
        origin: RunOrigin? = nil
    ) async -> Verdict {
        await run(
            RunStarted(
                workflow: workflow.name, toolName: tool.name, toolVersion: tool.version, inputs: inputs, flags: flags,
                origin: origin))
    }

    /// Resumes the run of the log's earlier events, with its inputs; a run that finished without a cancellation keeps its
    /// verdict. `changes` replace inputs, such as the address of a local control plane that was started again.
    package func resume(
        tool: (name: String, version: String), changes: [String: Value] = [:]
    ) async -> Verdict {
        let state = log.state
        if let verdict = state.finished, state.cancellation == nil { return verdict }
        let inputs = state.inputs.merging(changes) { $1 }
        return await run(
            RunStarted(
                workflow: workflow.name, toolName: tool.name, toolVersion: tool.version, inputs: inputs,
                isResumed: state.isStarted ? true : nil))
    }

    /// Runs again what failed in the finished run of the log's earlier events, and what needs it, from the beginning of
    /// each job; other jobs keep their outputs. A run without a failure keeps its verdict.
    package func repeatFailed(
        tool: (name: String, version: String), changes: [String: Value] = [:]
    ) async -> Verdict {
        let state = log.state
        let inputs = state.inputs.merging(changes) { $1 }
        guard let verdict = state.finished,
            let plan = try? RunPlan(workflow, inputs: inputs, context: environment.runContext)
        else { return await resume(tool: tool, changes: changes) }
        let jobs = RepeatedJobs(plan.expanded(in: state, context: environment.runContext), state).paths
        guard !jobs.isEmpty else { return verdict }
        var start = RunStarted(
            workflow: workflow.name, toolName: tool.name, toolVersion: tool.version, inputs: inputs, isResumed: true)
        start.repeatedJobs = jobs
        return await run(start)
    }

    private func run(_ start: RunStarted) async -> Verdict {
        let began = environment.clock.now
        log.append(start)
        do throws(RunPlan.Problem) {
            let plan = try RunPlan(workflow, inputs: start.inputs, context: environment.runContext)
            let bounds = RunBounds(deadline: timeout.map { began.advanced(by: $0) })
            let loop = await RunLoop(
                plan: plan, environment: environment, bounds: bounds, log: log, cancellation: cancellation
            ).run()
            if loop.isSuspended, let failure = suspension {
                return cancellation.reason?.verdict ?? failure.verdict
            }
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
