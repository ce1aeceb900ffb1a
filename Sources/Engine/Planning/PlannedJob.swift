package import WorkflowModel

/// A job as it runs: one of the workflow's, or one row of its matrix.
package struct PlannedJob: Sendable {
    /// Its id names the row too: `test (eu, 3.12)`.
    package let job: Job
    /// The id of the job in the workflow, which `needs` names.
    package let group: String
    /// Empty for a job without a matrix.
    package let row: Matrix.Row
    /// The values of the row, as the id shows them; empty for a job without a matrix.
    package let label: String
    /// By id; of two with the same id the first.
    let steps: [String: StepDefinition]

    package var id: String { job.id }

    init(_ job: Job) {
        self.job = job
        group = job.id
        row = [:]
        label = ""
        steps = Dictionary(job.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private init(_ job: Job, row: Matrix.Row, label: String, of whole: PlannedJob) {
        self.job = job
        self.row = row
        self.label = label
        group = whole.group
        steps = whole.steps
    }

    /// The jobs for the rows, in their order. Rows that read the same are told apart by a number.
    func rows(_ rows: [Matrix.Row], of matrix: Matrix) -> [PlannedJob] {
        let order = matrix.axes.map(\.name) + matrix.names.subtracting(matrix.axes.map(\.name)).sorted()
        var uses: [String: Int] = [:]
        return rows.map { row in
            var label = order.compactMap { row[$0]?.text }.joined(separator: ", ")
            label.removeAll { $0 == NestedPath.separator }
            let id = "\(group) (\(label))"
            uses[id, default: 0] += 1
            var job = job
            job.id = uses[id].map { $0 > 1 ? "\(id) #\($0)" : id } ?? id
            return PlannedJob(job, row: row, label: label, of: self)
        }
    }
}
