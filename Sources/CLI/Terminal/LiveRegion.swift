import Clocks

/// The last lines of a terminal, drawn over again while something goes on: one for each thing that does.
struct LiveRegion: Sendable {
    /// Faster than this nobody sees, and every draw is a write.
    static let shortestPause = Duration.milliseconds(100)
    /// More would push away what has happened.
    private static let mostLines = 8

    private let style: Style
    private var lastDraw: MonotonicInstant?
    /// Columns of each line that is there.
    private var shown: [Int] = []
    private var frame = 0

    init(style: Style) { self.style = style }

    /// What to write so that `texts` stand there; nil when they were drawn a moment ago.
    mutating func draw(_ texts: [LiveLine], on terminal: TerminalSize, now: MonotonicInstant) -> String? {
        if let lastDraw, lastDraw.duration(to: now) < Self.shortestPause { return nil }
        lastDraw = now
        frame += 1
        let erasing = clear(on: terminal)
        let lines = fitted(texts, on: terminal)
        shown = lines.map(\.columns)
        return erasing + lines.map { style.paint($0, .dim) }.joined(separator: "\n")
    }

    /// What to write so that nothing of it is left; empty when nothing is there.
    mutating func clear(on terminal: TerminalSize) -> String {
        defer { shown = [] }
        guard !shown.isEmpty else { return "" }
        // A terminal that has become narrower since has wrapped them.
        let width = max(terminal.columns, 1)
        let rows = shown.reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
        return Self.erase + String(repeating: Self.up + Self.erase, count: rows - 1)
    }

    private func fitted(_ texts: [LiveLine], on terminal: TerminalSize) -> [String] {
        let most = max(1, min(Self.mostLines, terminal.rows - 1))
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
