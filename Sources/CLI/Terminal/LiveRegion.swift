import Clocks

/// The last lines of a terminal, redrawn while steps are in progress: one line for each.
struct LiveRegion: Sendable {
    /// A shorter interval is invisible, and every draw is a write.
    static let shortestInterval = Duration.milliseconds(100)
    /// More lines would push finished ones off the screen.
    private static let maximumLines = 8

    private let style: Style
    private var lastDraw: MonotonicInstant?
    /// Columns of each line on the screen.
    private var shown: [Int] = []
    private var frame = 0

    init(style: Style) { self.style = style }

    /// The text that shows `lines`; nil when they were drawn a moment ago.
    mutating func draw(_ texts: [LiveLine], on terminal: TerminalSize, now: MonotonicInstant) -> String? {
        if let lastDraw, lastDraw.duration(to: now) < Self.shortestInterval { return nil }
        lastDraw = now
        frame += 1
        let erasing = clear(on: terminal)
        let lines = fitted(texts, on: terminal)
        shown = lines.map(\.columns)
        return erasing + lines.map { style.paint($0, .dim) }.joined(separator: "\n")
    }

    /// The text that erases the region; empty when nothing is shown.
    mutating func clear(on terminal: TerminalSize) -> String {
        defer { shown = [] }
        guard !shown.isEmpty else { return "" }
        // A terminal that has become narrower has wrapped them.
        let width = max(terminal.columns, 1)
        let rows = shown.reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
        return Self.erase + String(repeating: Self.up + Self.erase, count: rows - 1)
    }

    private func fitted(_ texts: [LiveLine], on terminal: TerminalSize) -> [String] {
        let most = max(1, min(Self.maximumLines, terminal.rows - 1))
        let spinner = spinnerFrames[frame % spinnerFrames.count]
        // A character in the last column would make some terminals wrap.
        let width = max(terminal.columns, 2) - 1
        return texts.prefix(most).enumerated().map { place, text in
            let rest = place == most - 1 ? texts.count - most : 0
            let more = rest > 0 ? " (+\(rest))" : ""
            let room = width - spinner.columns - 1 - more.columns
            return "\(spinner) \(text.fitted(toColumns: room, ellipsis: style.ellipsis))\(more)"
                .cut(toColumns: width, ellipsis: style.ellipsis)
        }
    }

    private static let erase = "\r\u{1B}[2K"
    private static let up = "\u{1B}[1A"

    private var spinnerFrames: [String] {
        style.usesUnicode ? ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] : ["|", "/", "-", "\\"]
    }
}

/// A line of the live region. In a narrow terminal its label is shortened, never the time.
struct LiveLine: Sendable, Equatable {
    /// A shorter label says nothing.
    private static let shortestLabel = 12

    var label: String
    var elapsed: String
    var remaining: String?

    func fitted(toColumns columns: Int, ellipsis: String) -> String {
        let short = "\(label) \(elapsed)"
        if let remaining, "\(short), \(remaining)".columns <= columns { return "\(short), \(remaining)" }
        let room = columns - elapsed.columns - 1
        guard short.columns > columns, room >= Self.shortestLabel else {
            return short.cut(toColumns: max(columns, 0), ellipsis: ellipsis)
        }
        // The end of a label says what is in progress, the beginning only where.
        let kept = String(label.reversed()).cut(toColumns: room - ellipsis.columns, ellipsis: "")
        return "\(ellipsis)\(String(kept.reversed())) \(elapsed)"
    }
}
