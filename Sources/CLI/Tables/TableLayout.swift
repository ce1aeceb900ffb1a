import Reports

/// Lays rows out in columns that fit a terminal.
struct TableLayout: Sendable {
    struct Column: Sendable {
        var title: String
        /// May be cut down to `Column.narrowest`.
        var isFlexible = false
        /// The highest goes first when there is no room; nil stays.
        var leavesAs: Int?

        static let narrowest = 20
    }

    let columns: [Column]

    private static let gap = 2

    /// Header and rows. `width` is nil where nothing needs to be cut, as in a pipe.
    func lines(_ rows: [[String]], clean: TextSanitizer, style: Style, width: Int?) -> [String] {
        let cells = rows.map { $0.map(clean.line) }
        let natural = columns.indices.map { index in
            cells.reduce(columns[index].title.columns) { max($0, $1[index].columns) }
        }
        let widths = fitted(natural, into: width)
        let shown = columns.indices.filter { widths[$0] != nil }
        let header = line(columns.map(\.title), widths, shown, style)
        return [style.paint(header, .bold)] + cells.map { line($0, widths, shown, style) }
    }

    /// The width of each column, nil where it is left out.
    func fitted(_ natural: [Int], into width: Int?) -> [Int?] {
        guard let width else { return natural }
        var shown = Array(columns.indices)
        while true {
            var widths: [Int?] = columns.indices.map { shown.contains($0) ? natural[$0] : nil }
            var excess = shown.reduce(Self.gap * (shown.count - 1) - width) { $0 + natural[$1] }
            for index in shown where columns[index].isFlexible && excess > 0 {
                let cut = min(excess, max(natural[index] - Column.narrowest, 0))
                widths[index] = natural[index] - cut
                excess -= cut
            }
            let leaving = shown.max { (columns[$0].leavesAs ?? -1) < (columns[$1].leavesAs ?? -1) }
            guard excess > 0, let leaving, columns[leaving].leavesAs != nil else { return widths }
            shown.removeAll { $0 == leaving }
        }
    }

    private func line(_ cells: [String], _ widths: [Int?], _ shown: [Int], _ style: Style) -> String {
        var line = ""
        for index in shown {
            let cell = cells[index].cut(toColumns: widths[index] ?? 0, ellipsis: style.ellipsis)
            line += cell
            if index != shown.last {
                line += String(repeating: " ", count: max((widths[index] ?? 0) - cell.columns, 0) + Self.gap)
            }
        }
        return line
    }
}
