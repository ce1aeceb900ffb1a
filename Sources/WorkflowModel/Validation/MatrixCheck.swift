/// Checks matrices whose rows are known before the run.
struct MatrixCheck {
    let file: WorkflowFile

    func check(_ collector: inout DiagnosticCollector) {
        for job in file.workflow.jobs {
            guard let matrix = job.strategy?.matrix, let position = matrix.position else { continue }
            let expressions = matrix.axes.map(\.values) + [matrix.include, matrix.exclude]
            guard expressions.allSatisfy({ $0.constant != nil }), excludesAxes(matrix) else { continue }
            check(matrix, at: position, &collector)
        }
    }

    /// Other names were already reported.
    private func excludesAxes(_ matrix: Matrix) -> Bool {
        matrix.exclude.operands.allSatisfy { pattern in
            if case .object(let members) = pattern {
                members.keys.allSatisfy(matrix.axes.map(\.name).contains)
            } else {
                true
            }
        }
    }

    private func check(_ matrix: Matrix, at position: SourcePosition, _ collector: inout DiagnosticCollector) {
        let rows: [Matrix.Row]
        do {
            rows = try matrix.rows { $0.constant ?? .null }
        } catch {
            return collector.report(.invalidMatrix, error.message, at: position)
        }
        // The structure check reports an axis without values.
        if rows.isEmpty, !matrix.axes.contains(where: { $0.values == .list([]) }) {
            collector.report(.invalidMatrix, "the matrix has no rows", at: position)
        }
        checkNames(of: rows, in: matrix, at: position, &collector)
    }

    /// Rows with the same name could not be told apart in reports and in `needs`.
    private func checkNames(
        of rows: [Matrix.Row], in matrix: Matrix, at position: SourcePosition, _ collector: inout DiagnosticCollector
    ) {
        var seen: [String: Matrix.Row] = [:]
        var reported: Set<String> = []
        for row in rows {
            let label = matrix.label(of: row)
            guard let other = seen.updateValue(row, forKey: label), reported.insert(label).inserted else { continue }
            if row == other {
                collector.report(
                    .invalidMatrix, "duplicate matrix row: \(Self.text(row))", at: position,
                    hint: "remove the duplicate value")
            } else {
                collector.report(
                    .invalidMatrix,
                    "duplicate name '\(label)': \(Self.text(other)) and \(Self.text(row))",
                    at: position, hint: "add a value that distinguishes them")
            }
        }
    }

    private static func text(_ row: Matrix.Row) -> String {
        row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: ", ")
    }
}
