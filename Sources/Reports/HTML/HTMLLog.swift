/// The end of a log, folded.
struct HTMLLog {
    let log: LogTail
    let lines: Int

    /// Nil where there is nothing to show.
    var markup: HTML? {
        let shown = log.lines.suffix(lines)
        guard !shown.isEmpty else { return nil }
        let omitted = log.omittedLines + log.lines.count - shown.count
        let before = omitted > 0 ? ", \(omitted) before them left out" : ""
        let title = "Log '\(log.stream)': the last \(shown.count) \(shown.count == 1 ? "line" : "lines")\(before)"
        return .element(
            "details", [:],
            [.element("summary", [:], title), .element("pre", ["tabindex": "0"], [.lines(Array(shown))])])
    }
}
