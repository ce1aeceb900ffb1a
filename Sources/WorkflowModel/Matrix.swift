/// The matrix of a job: every combination of its axes, minus `exclude`, plus `include`.
package struct Matrix: Sendable {
    /// A matrix with more rows is invalid.
    package static let maximumRows = 4096

    /// A name and its values; `values` evaluates to a list.
    package struct Axis: Sendable {
        package var name: String
        package var values: Expression

        package init(_ name: String, _ values: Expression) {
            self.name = name
            self.values = values
        }
    }

    package typealias Row = [String: Value]

    package var axes: [Axis]
    package var include: [[String: Expression]]
    package var exclude: [[String: Expression]]
    package var position: SourcePosition?

    package init(
        axes: [Axis], include: [[String: Expression]] = [], exclude: [[String: Expression]] = [],
        position: SourcePosition? = nil
    ) {
        self.axes = axes
        self.include = include
        self.exclude = exclude
        self.position = position
    }

    /// All names that rows can have.
    package var names: Set<String> { Set(axes.map(\.name) + include.flatMap(\.keys)) }

    /// The values of a row joined for display, those of the axes first.
    package func label(of row: Row) -> String {
        let axes = axes.map(\.name)
        let order = axes + names.subtracting(axes).sorted()
        return order.compactMap { row[$0]?.text }.joined(separator: ", ")
    }

    /// The rows in file order, the first axis changing slowest; `include` rows come last, or extend the rows whose axes
    /// they match.
    ///
    /// Throws `ExpressionError` if an axis is not a list or there are more than `maximumRows` rows.
    package func rows(_ evaluate: (Expression) throws(ExpressionError) -> Value) throws(ExpressionError) -> [Row] {
        var rows = try combinations(evaluate)
        for pattern in try all(exclude, evaluate) {
            rows.removeAll { row in pattern.allSatisfy { row[$0.key] == $0.value } }
        }
        let names = Set(axes.map(\.name))
        let combined = rows.count
        for addition in try all(include, evaluate) {
            let fixed = addition.filter { names.contains($0.key) }
            let matches = rows.indices.prefix(fixed.isEmpty ? 0 : combined).filter { index in
                fixed.allSatisfy { rows[index][$0.key] == $0.value }
            }
            if matches.isEmpty { rows.append(addition) }
            for index in matches { rows[index].merge(addition) { $1 } }
            try check(rows.count)
        }
        return rows
    }

    private func combinations(
        _ evaluate: (Expression) throws(ExpressionError) -> Value
    ) throws(ExpressionError) -> [Row] {
        guard !axes.isEmpty else { return [] }
        var rows: [Row] = [[:]]
        for axis in axes {
            guard case .list(let values) = try evaluate(axis.values) else {
                throw ExpressionError(message: "matrix.\(axis.name) must be a list")
            }
            try check(rows.count * values.count)
            rows = rows.flatMap { row in values.map { value in row.merging([axis.name: value]) { $1 } } }
        }
        return rows
    }

    private func all(
        _ patterns: [[String: Expression]], _ evaluate: (Expression) throws(ExpressionError) -> Value
    ) throws(ExpressionError) -> [Row] {
        var rows: [Row] = []
        for pattern in patterns {
            var row: Row = [:]
            for (name, expression) in pattern { row[name] = try evaluate(expression) }
            rows.append(row)
        }
        return rows
    }

    private func check(_ count: Int) throws(ExpressionError) {
        guard count <= Self.maximumRows else {
            throw ExpressionError(message: "the matrix has more than \(Self.maximumRows) rows")
        }
    }
}
