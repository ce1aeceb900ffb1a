/// What is known about the rows of a matrix before a run.
struct MatrixCheck {
    let file: WorkflowFile

    func check(_ collector: inout DiagnosticCollector) {
        for job in file.workflow.jobs {
            guard let matrix = job.strategy?.matrix, let position = matrix.position else { continue }
            let expressions = matrix.axes.map(\.values) + (matrix.include + matrix.exclude).flatMap(\.values)
            guard expressions.allSatisfy({ $0.constant != nil }) else { continue }
            check(matrix, at: position, &collector)
        }
    }

    private func check(_ matrix: Matrix, at position: SourcePosition, _ collector: inout DiagnosticCollector) {
        let rows: [Matrix.Row]
        do {
            rows = try matrix.rows { $0.constant ?? .null }
        } catch {
            return collector.report(.invalidMatrix, error.message, at: position)
        }
        if rows.isEmpty { return collector.report(.invalidMatrix, "no row of the matrix is left", at: position) }
        var seen: Set<Matrix.Row> = []
        var reported: Set<Matrix.Row> = []
        for row in rows where !seen.insert(row).inserted && reported.insert(row).inserted {
            let text = row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ", ")
            collector.report(
                .invalidMatrix, "the matrix has the row \(text) twice", at: position,
                hint: "remove the value that is there twice")
        }
    }
}
