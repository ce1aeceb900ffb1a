package import WorkflowModel

/// A job as it runs: one of the workflow's, or one row of its matrix.
package struct PlannedJob: Sendable {
    /// Its id names the row too: `test (eu, 3.12)`.
    package let job: Job
    /// The id of the job in the workflow, which `needs` names.
    package let group: String
    /// Empty for a job without a matrix.
    package let row: Matrix.Row
    /// The values of the row, as `needs` names it among those of its job; empty for a job without a matrix.
    package let label: String
    /// By id; of two with the same id the first.
    let steps: [String: StepDefinition]

    package let id: JobPath

    init(_ job: Job) {
        self.job = job
        id = JobPath(job.id)
        group = job.id
        row = [:]
        label = ""
        steps = Dictionary(job.steps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private init(_ job: Job, row: Matrix.Row, label: String, of whole: PlannedJob) {
        self.job = job
        id = JobPath(job.id)
        self.row = row
        self.label = label
        group = whole.group
        steps = whole.steps
    }

    /// The jobs for the rows, in their order. Rows that read the same are told apart by a number.
    func rows(_ rows: [Matrix.Row], of matrix: Matrix) -> [PlannedJob] {
        let labels = rows.map { row in matrix.label(of: row).filter { $0 != JobPath.separator } }
        var (uses, taken): ([String: Int], Set<String>) = ([:], Set(labels))
        return zip(rows, labels).map { row, label in
            let use = uses[label, default: 0] + 1
            uses[label] = use
            var job = job
            job.id = "\(group) (\(label))" + (use > 1 ? " #\(use)" : "")
            return PlannedJob(job, row: row, label: use > 1 ? Self.own(label, use, &taken) : label, of: self)
        }
    }

    /// The label with its number, or with the first one that makes it no other row's.
    private static func own(_ label: String, _ use: Int, _ taken: inout Set<String>) -> String {
        var number = use
        while !taken.insert("\(label) #\(number)").inserted { number += 1 }
        return "\(label) #\(number)"
    }
}
