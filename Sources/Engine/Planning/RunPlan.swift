package import WorkflowModel

/// The jobs of a run, in the order of the workflow, with one job for each row of a matrix.
package struct RunPlan: Sendable {
    /// A matrix that cannot be evaluated or has no rows.
    package struct Problem: Error, Sendable {
        package var job: String
        package var failure: StepFailure
    }

    package let jobs: [PlannedJob]
    /// The variables of the workflow.
    let env: [String: Expression]
    private let indices: [JobPath: Int]
    private let groups: [String: [Int]]
    private let dependents: [String: [Int]]

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
        let indices = jobs.indices.map { (jobs[$0].id, $0) }
        self.indices = Dictionary(indices, uniquingKeysWith: { first, _ in first })
        groups = Dictionary(grouping: jobs.indices, by: { jobs[$0].group })
        dependents = jobs.indices.reduce(into: [:]) { dependents, index in
            for need in jobs[index].job.needs { dependents[need, default: []].append(index) }
        }
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

    /// The outcome of all rows of a job; nil until all are finished. The first failure counts, then a cancellation; it is
    /// a skip only if all rows were skipped.
    func outcome(of group: String, in state: RunState) -> Outcome? {
        guard let indices = groups[group] else { return nil }
        var result = Outcome.skip
        for index in indices {
            guard case .finished(let outcome) = state.jobs[jobs[index].id]?.phase else { return nil }
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
        guard let matrix = job.strategy?.matrix else { return [whole] }
        let rows: [Matrix.Row]
        do {
            rows = try matrix.rows { expression throws(ExpressionError) in try evaluator.evaluate(expression) }
        } catch {
            throw problem(
                with: job, error.message,
                hint: "use git, ci, inputs and the workflow's env: a matrix is evaluated before any job runs")
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
