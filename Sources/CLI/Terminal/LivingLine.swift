import Clocks

/// The last line of a terminal, drawn over again while something goes on.
struct LivingLine: Sendable {
    /// Faster than this nobody sees, and every draw is a write.
    static let shortestPause = Duration.milliseconds(100)

    private let style: Style
    private var lastDraw: MonotonicInstant?
    private var isShown = false
    private var frame = 0

    init(style: Style) { self.style = style }

    /// What to write so that `text` stands in the line; nil when the line was drawn a moment ago.
    mutating func draw(_ text: String, width: Int, now: MonotonicInstant) -> String? {
        if let lastDraw, lastDraw.duration(to: now) < Self.shortestPause { return nil }
        lastDraw = now
        isShown = true
        frame += 1
        let spinner = spinnerFrames[frame % spinnerFrames.count]
        // A character in the last column would make some terminals wrap.
        let line = "\(spinner) \(text)".cut(toColumns: max(width, 2) - 1, ellipsis: style.ellipsis)
        return Self.erase + style.paint(line, .dim)
    }

    /// What to write so that the line is gone; empty when there is none.
    mutating func clear() -> String {
        defer { isShown = false }
        return isShown ? Self.erase : ""
    }

    private static let erase = "\r\u{1B}[2K"

    private var spinnerFrames: [String] {
        style.usesUnicode ? ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] : ["|", "/", "-", "\\"]
    }
}
