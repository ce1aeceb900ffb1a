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
    /// Evaluates to a list of objects.
    package var include: Expression
    /// Evaluates to a list of objects.
    package var exclude: Expression
    package var position: SourcePosition?
    /// The value that names a row; nil for all of them.
    package var labelName: String?

    package init(
        axes: [Axis], include: [[String: Expression]] = [], exclude: [[String: Expression]] = [],
        position: SourcePosition? = nil
    ) {
        self.axes = axes
        self.include = .list(include.map { .object($0) })
        self.exclude = .list(exclude.map { .object($0) })
        self.position = position
    }

    /// All names that rows can have; nil if only the run knows them.
    package var names: Set<String>? {
        guard case .list(let additions) = include else { return nil }
        var names = Set(axes.map(\.name))
        for case .object(let members) in additions { names.formUnion(members.keys) }
        return names
    }

    /// Whether its rows can only be made once the jobs that it needs are finished.
    package var dependsOnJobs: Bool { (axes.map(\.values) + [include, exclude]).contains(where: Self.usesJobs) }

    private static func usesJobs(_ expression: Expression) -> Bool {
        if case .reference(let path) = expression { return path.first == ExpressionContext.needs.rawValue }
        return expression.operands.contains(where: usesJobs)
    }

    /// The values of a row joined for display, those of the axes first.
    package func label(of row: Row) -> String {
        if let labelName, let name = row[labelName]?.text { return name }
        let axes = axes.map(\.name)
        let order = axes + Set(row.keys).subtracting(axes).sorted()
        return order.compactMap { row[$0]?.text }.joined(separator: ", ")
    }

    /// The rows in file order, the first axis changing slowest. `include` extends the rows whose axes it matches, which
    /// without an axis are all, or adds a row at the end.
    ///
    /// Throws `ExpressionError` if an axis is not a list, `exclude` names something else or there are more than
    /// `maximumRows` rows.
    package func rows(_ evaluate: (Expression) throws(ExpressionError) -> Value) throws(ExpressionError) -> [Row] {
        var rows = try combinations(evaluate)
        let names = Set(axes.map(\.name))
        for pattern in try patterns(exclude, "exclude", evaluate) {
            if let name = pattern.keys.sorted().first(where: { !names.contains($0) }) { throw unknownAxis(name) }
            rows.removeAll { row in pattern.allSatisfy { row[$0.key]?.matches($0.value) == true } }
        }
        let combined = rows.count
        for addition in try patterns(include, "include", evaluate) {
            let matches = rows.indices.prefix(combined).filter { index in
                addition.allSatisfy { !names.contains($0.key) || rows[index][$0.key]?.matches($0.value) == true }
            }
            if matches.isEmpty { rows.append(addition) }
            let extras = addition.filter { !names.contains($0.key) }
            for index in matches { rows[index].merge(extras) { $1 } }
            try check(rows.count)
        }
        return rows
    }

    private func unknownAxis(_ name: String) -> ExpressionError {
        let hint = Suggestion.hint(for: name, among: axes.map(\.name)).map { "; \($0)" } ?? ""
        return ExpressionError(message: "exclude: unknown axis '\(name)'\(hint)")
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

    private func patterns(
        _ list: Expression, _ key: String, _ evaluate: (Expression) throws(ExpressionError) -> Value
    ) throws(ExpressionError) -> [Row] {
        guard case .list(let elements) = try evaluate(list) else {
            throw ExpressionError(message: "matrix.\(key) must be a list")
        }
        var rows: [Row] = []
        for element in elements {
            guard case .object(let row) = element else {
                throw ExpressionError(message: "matrix.\(key) must be a list of objects")
            }
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

extension Value {
    /// Equal, whatever their types: in a file values are texts, in JSON also numbers and booleans.
    fileprivate func matches(_ other: Value) -> Bool {
        switch (self, other) {
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.matches($1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { right[$0.key]?.matches($0.value) == true }
        case (.list, _), (.object, _), (_, .list), (_, .object): false
        default: text == other.text
        }
    }
}
