package import WorkflowModel

/// The jobs of a run: those of the workflow in their order, with one for every row where there is a matrix.
package struct RunPlan: Sendable {
    /// A matrix that has no rows to run.
    package struct Problem: Error, Sendable {
        package var job: String
        package var failure: StepFailure
    }

    package let jobs: [PlannedJob]
    /// The variables of the workflow.
    let env: [String: Expression]
    private let places: [JobPath: Int]
    private let groups: [String: [Int]]
    private let dependents: [String: [Int]]

    /// Throws `Problem` when a matrix has no value before the run, or no row.
    package init(
        _ workflow: Workflow, inputs: [String: Value] = [:], facts: RunContext = RunContext()
    ) throws(Problem) {
        let matrixContexts = Variables.contexts(ofMatricesIn: workflow, inputs: inputs, facts: facts)
        let evaluator = Evaluator(hashFiles: facts.hashFiles) { matrixContexts }
        var jobs: [PlannedJob] = []
        for job in workflow.jobs { jobs += try Self.rows(of: job, evaluator) }
        self.jobs = jobs
        env = workflow.env
        let places = jobs.indices.map { (jobs[$0].id, $0) }
        self.places = Dictionary(places, uniquingKeysWith: { first, _ in first })
        groups = Dictionary(grouping: jobs.indices, by: { jobs[$0].group })
        dependents = jobs.indices.reduce(into: [:]) { dependents, place in
            for need in jobs[place].job.needs { dependents[need, default: []].append(place) }
        }
    }

    package subscript(id: JobPath) -> PlannedJob? { places[id].map { jobs[$0] } }

    func place(of id: JobPath) -> Int? { places[id] }

    /// The places of the jobs that one of the workflow became, in the order of the rows.
    func places(of group: String) -> [Int] { groups[group] ?? [] }

    /// The places of the jobs that need one of the workflow; one that names it twice is there twice.
    func dependents(of group: String) -> [Int] { dependents[group] ?? [] }

    /// The jobs that one of the workflow became, in the order of the rows.
    package func members(of group: String) -> [PlannedJob] {
        places(of: group).map { jobs[$0] }
    }

    /// Nil as long as one of them is not finished: the first failure counts, then that one was stopped; the group is
    /// skipped when all are.
    func outcome(of group: String, in state: RunState) -> Outcome? {
        guard let places = groups[group] else { return nil }
        var result = Outcome.skip
        for place in places {
            guard case .finished(let outcome) = state.jobs[jobs[place].id]?.phase else { return nil }
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
                with: job, error.message, hint: "a matrix can look at git, ci, inputs and env of the workflow")
        }
        guard !rows.isEmpty else {
            throw problem(with: job, "no row of it is left", hint: "a job that may have none needs an 'if' instead")
        }
        return whole.rows(rows, of: matrix)
    }

    private static func problem(with job: Job, _ message: String, hint: String) -> Problem {
        Problem(
            job: job.id,
            failure: StepFailure(
                .invalidWorkflow, code: "InvalidMatrix", "the matrix of job '\(job.id)': \(message)", hint: hint))
    }
}
