package import WorkflowModel

/// The jobs of a run, in the order of the workflow, with one job for each row of a matrix. A matrix that depends on other
/// jobs is one job until its rows are made.
package struct RunPlan: Sendable {
    /// A matrix that cannot be evaluated or has no rows.
    package struct Problem: Error, Sendable {
        package var job: String
        package var failure: StepFailure
    }

    package private(set) var jobs: [PlannedJob]
    /// The variables of the workflow.
    let env: [String: Expression]
    private var indices: [JobPath: Int] = [:]
    private var groups: [String: [Int]] = [:]
    private var dependents: [String: [Int]] = [:]

    /// Throws `Problem` if a matrix cannot be evaluated before the run or has no rows.
    package init(
        _ workflow: Workflow, inputs: [String: Value] = [:], context: RunContext = RunContext()
    ) throws(Problem) {
        let matrixContexts = Variables.contexts(ofMatricesIn: workflow, inputs: inputs, context: context)
        let evaluator = Evaluator(hashFiles: context.hashFiles) { matrixContexts }
        var jobs: [PlannedJob] = []
        for job in workflow.jobs { jobs += try Self.rows(of: job, evaluator) }
        self.jobs = jobs
        env = workflow.env
        index()
    }

    private mutating func index() {
        indices = Dictionary(jobs.indices.map { (jobs[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
        groups = Dictionary(grouping: jobs.indices, by: { jobs[$0].group })
        dependents = jobs.indices.reduce(into: [:]) { dependents, index in
            for need in jobs[index].job.needs { dependents[need, default: []].append(index) }
        }
    }

    /// Replaces a job by its rows.
    mutating func replace(_ id: JobPath, by rows: [PlannedJob]) {
        guard let index = indices[id] else { return }
        jobs.replaceSubrange(index...index, with: rows)
        self.index()
    }

    /// The plan of a run in that state, with the rows of each matrix whose needed jobs are finished. A matrix that cannot be
    /// evaluated stays one job.
    package func expanded(in state: RunState, context: RunContext) -> RunPlan {
        var plan = self
        var tried: Set<JobPath> = []
        while let job = plan.jobs.first(where: { $0.awaitsRows && !tried.contains($0.id) && plan.isReady($0, state) }) {
            tried.insert(job.id)
            let contexts = ContextBuilder(plan: plan, registry: StepRegistry([]), context: context)
            if let rows = try? contexts.rows(of: job, in: state), !rows.isEmpty { plan.replace(job.id, by: rows) }
        }
        return plan
    }

    private func isReady(_ job: PlannedJob, _ state: RunState) -> Bool {
        state.jobs[job.id] == nil && job.job.needs.allSatisfy { outcome(of: $0, in: state) != nil }
    }

    package subscript(id: JobPath) -> PlannedJob? { indices[id].map { jobs[$0] } }

    func index(of id: JobPath) -> Int? { indices[id] }

    /// The indices of the rows of a job, in order.
    func indices(of group: String) -> [Int] { groups[group] ?? [] }

    /// The indices of the jobs that need a job of the workflow, repeated if they name it twice.
    func dependents(of group: String) -> [Int] { dependents[group] ?? [] }

    /// The rows of a job, in order.
    package func members(of group: String) -> [PlannedJob] {
        indices(of: group).map { jobs[$0] }
    }

    /// How many rows of a job may fail; nil if that is not limited.
    func failureLimit(of group: String) -> Int? {
        guard let first = groups[group]?.first else { return nil }
        return jobs[first].job.strategy?.maxFailures?.limit(of: indices(of: group).count)
    }

    /// The outcome of all rows of a job; nil until all are finished. The first failure counts, then a cancellation; it is
    /// a skip only if all rows were skipped. Failures that `max-failures` allows count as successes.
    func outcome(of group: String, in state: RunState) -> Outcome? {
        guard let indices = groups[group] else { return nil }
        let failures = indices.count { state.jobs[jobs[$0].id]?.countsAsFailure == true }
        let isTolerated = failureLimit(of: group).map { failures <= $0 } ?? false
        var result = Outcome.skip
        for index in indices {
            guard case .finished(let ended) = state.jobs[jobs[index].id]?.phase else { return nil }
            let outcome = isTolerated && ended.isFailure ? .success : ended
            switch (result, outcome) {
            case (.skip, _), (.success, .cancellation): result = outcome
            case (.success, _) where outcome.isFailure, (.cancellation, _) where outcome.isFailure: result = outcome
            default: continue
            }
        }
        return result
    }

    private static func rows(of job: Job, _ evaluator: Evaluator) throws(Problem) -> [PlannedJob] {
        let whole = PlannedJob(job)
        guard let matrix = job.strategy?.matrix, !matrix.dependsOnJobs else { return [whole] }
        let rows: [Matrix.Row]
        do {
            rows = try matrix.rows { expression throws(ExpressionError) in try evaluator.evaluate(expression) }
        } catch {
            throw problem(
                with: job, error.message,
                hint: "use git, ci, inputs, the workflow's env and the outputs of jobs in needs")
        }
        guard !rows.isEmpty else {
            throw problem(with: job, "it has no rows", hint: "add rows, or use 'if' for a job that may not run")
        }
        return whole.rows(rows, of: matrix)
    }

    private static func problem(with job: Job, _ message: String, hint: String) -> Problem {
        Problem(
            job: job.id,
            failure: StepFailure(
                .invalidWorkflow, code: "InvalidMatrix", "matrix of job '\(job.id)': \(message)", hint: hint))
    }
}
