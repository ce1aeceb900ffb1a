package import WorkflowModel

/// A job of a run: a job of the workflow, or one row of its matrix.
package struct PlannedJob: Sendable {
    /// With an id that includes the row: `test (eu, 3.12)`.
    package let job: Job
    /// The id of the job in the workflow, as in `needs`.
    package let group: String
    /// Empty for a job without a matrix.
    package let row: Matrix.Row
    /// The name of the row in `needs`; empty for a job without a matrix.
    package let label: String
    /// By id; of duplicates the first.
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

    /// Whether its rows are made when the jobs that it needs are finished.
    package var awaitsRows: Bool { row.isEmpty && job.strategy?.matrix.dependsOnJobs == true }

    private init(_ job: Job, row: Matrix.Row, label: String, of whole: PlannedJob) {
        self.job = job
        id = JobPath(job.id)
        self.row = row
        self.label = label
        group = whole.group
        steps = whole.steps
    }

    /// The jobs of the rows, in order. Rows with the same label get a number.
    func rows(_ rows: [Matrix.Row], of matrix: Matrix) -> [PlannedJob] {
        let labels = rows.map { row in matrix.label(of: row).filter { $0 != JobPath.separator } }
        var (uses, taken): ([String: Int], Set<String>) = ([:], Set(labels))
        return zip(rows, labels).map { row, label in
            let use = uses[label, default: 0] + 1
            uses[label] = use
            var job = job
            job.id = "\(group) (\(label))" + (use > 1 ? " #\(use)" : "")
            return PlannedJob(job, row: row, label: use > 1 ? Self.uniqueLabel(label, use, &taken) : label, of: self)
        }
    }

    /// The label with its number, or with the next number that is free.
    private static func uniqueLabel(_ label: String, _ use: Int, _ taken: inout Set<String>) -> String {
        var number = use
        while !taken.insert("\(label) #\(number)").inserted { number += 1 }
        return "\(label) #\(number)"
    }
}
