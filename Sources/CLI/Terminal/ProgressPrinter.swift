import Clocks
import Engine
import FoundationEssentials
import Reports

/// Tells people how a run goes on, event by event. On a terminal the last line lives; elsewhere there is one plain line
/// for each change, and a reminder in long silence.
///
/// Has no timer: whoever owns it calls `tick` several times a second on a terminal, once a second elsewhere.
struct ProgressPrinter: Sendable {
    /// CI systems end a job that says nothing for minutes.
    static let longestSilence = Duration.seconds(30)

    private let style: Style
    private let terminalWidth: (@Sendable () -> Int)?
    private let isVerbose: Bool
    private let write: @Sendable (String) -> Void

    private var narrator: ProgressNarrator
    private var activities: [Activity] = []
    private var living: LivingLine
    private var lastLine: MonotonicInstant?
    private var lastStamp: (date: Date, instant: MonotonicInstant)?

    /// - Parameters:
    ///   - terminalWidth: columns, asked at each drawing; nil where the stream is no terminal that can erase a line.
    ///   - isVerbose: whether debug notes and the logs of builds and commands are shown too.
    ///   - write: takes pieces of text as they are to appear.
    init(
        style: Style, terminalWidth: (@Sendable () -> Int)?, clean: UntrustedText, isVerbose: Bool = false,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.style = style
        self.terminalWidth = terminalWidth
        self.isVerbose = isVerbose
        self.write = write
        narrator = ProgressNarrator(style: style, clean: clean)
        living = LivingLine(style: style)
    }

    mutating func observe(_ event: RunEvent, now: MonotonicInstant) {
        lastStamp = (event.date, now)
        lastLine = lastLine ?? now
        let told = narrator.tell(event, now: now, activities: &activities, isTerminal: terminalWidth != nil)
        let lines = told.filter { isVerbose || ($0.kind != .log && $0.kind != .skipped) }
        if !lines.isEmpty { show(lines, now: now) }
        redraw(now: now)
    }

    mutating func tick(now: MonotonicInstant) {
        guard terminalWidth == nil else { return redraw(now: now) }
        guard let activity = current, let lastLine, lastLine.duration(to: now) >= Self.longestSilence else {
            return
        }
        let elapsed = activity.begin.duration(to: now).brief
        show([ProgressLine(.info, "\(activity.reminder) (\(elapsed))")], now: now)
    }

    /// Leaves the terminal with no living line; nothing may be drawn afterwards.
    mutating func close() {
        activities = []
        emit(living.clear())
    }

    /// A revision is watched by steps only: between two of them nobody looks.
    private var current: Activity? {
        activities.contains(where: \.isStep) ? activities.last : nil
    }

    private mutating func show(_ lines: [ProgressLine], now: MonotonicInstant) {
        lastLine = now
        let stamp = terminalWidth == nil ? timeOfDay(at: now) + " " : ""
        let text = lines.map { stamp + $0.rendered(in: style) + "\n" }.joined()
        emit(living.clear() + text)
    }

    private mutating func redraw(now: MonotonicInstant) {
        guard let terminalWidth else { return }
        guard let activity = current else { return emit(living.clear()) }
        let others = activities.count { $0.isStep } - 1
        let more = others > 0 ? " (+\(others))" : ""
        let width = terminalWidth()
        let text = "\(activity.label) \(activity.since.duration(to: now).brief)\(more)"
        emit(living.draw(text, width: width > 0 ? width : 80, now: now) ?? "")
    }

    private func emit(_ text: String) {
        if !text.isEmpty { write(text) }
    }

    /// UTC. Reckoned on from the last event, so that a jump of the wall clock between two does not show.
    private func timeOfDay(at now: MonotonicInstant) -> String {
        guard let lastStamp else { return "--:--:--" }
        let date = lastStamp.date.addingTimeInterval(lastStamp.instant.duration(to: now).seconds)
        return String(EventTimestamp.text(from: date).dropFirst(11).prefix(8))
    }
}
