import Clocks
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports

/// Tells people how a run goes on, event by event. On a terminal the last lines live; elsewhere there is one plain line
/// for each change, and a reminder in long silence.
///
/// Has no timer: whoever owns it calls `tick` several times a second on a terminal, once a second elsewhere.
struct ProgressPrinter: Sendable {
    /// CI systems end a job that says nothing for minutes.
    static let longestSilence = Duration.seconds(30)

    /// What is told, and how.
    struct Configuration: Sendable {
        var style: Style
        var clean: TextSanitizer
        /// Asked at each drawing; nil where the stream is no terminal that can erase a line.
        var terminal: (@Sendable () -> TerminalSize)?
        /// Debug notes and skipped steps too.
        var isVerbose = false
        /// The logs of builds and deploys too. What a command puts out is always told.
        var showsLogs = false
        /// Lines name their job from the first one on; else from when a second one begins.
        var hasSeveralJobs = false
        /// Where lines of others can be folded, and a new token for every fold.
        var folding: (provider: CIProvider, newToken: @Sendable () -> String)?
    }

    private let configuration: Configuration
    private let write: @Sendable (String) -> Void

    private var narrator: ProgressNarrator
    private var activities = Activities()
    private var living: LiveRegion
    private var lastLine: MonotonicInstant?
    private var lastStamp: (date: Date, instant: MonotonicInstant)?
    private var fold: (source: LogSource, fold: LogGroup)?

    /// `write` takes pieces of text as they are to appear.
    init(_ configuration: Configuration, write: @escaping @Sendable (String) -> Void) {
        self.configuration = configuration
        self.write = write
        narrator = ProgressNarrator(
            style: configuration.style, clean: configuration.clean, hasSeveralJobs: configuration.hasSeveralJobs)
        living = LiveRegion(style: configuration.style)
    }

    mutating func observe(_ event: RunEvent, now: MonotonicInstant) {
        lastStamp = (event.date, now)
        lastLine = lastLine ?? now
        let told = narrator.tell(event, now: now, activities: &activities, isTerminal: configuration.terminal != nil)
        let lines = told.filter(isWanted)
        if !lines.isEmpty { show(lines, now: now) }
        redraw(now: now)
    }

    mutating func tick(now: MonotonicInstant) {
        guard configuration.terminal == nil else { return redraw(now: now) }
        guard let lastLine, lastLine.duration(to: now) >= Self.longestSilence else { return }
        let reminders = activities.current.map { $0.reminderText(label(of: $0), now: now) }
        guard !reminders.isEmpty else { return }
        self.lastLine = now
        // A command that is silent for a while has not ended: its fold goes on.
        let stamp = fold == nil ? timeOfDay(at: now) + " " : ""
        emit(reminders.map { stamp + $0 + "\n" }.joined())
    }

    /// Leaves the terminal with no living lines and no open fold; nothing may be drawn afterwards.
    mutating func close(now: MonotonicInstant) {
        activities.endAll()
        emit(erasing() + closeFold(now))
    }

    private func isWanted(_ line: ProgressLine) -> Bool {
        switch line.kind {
        case .debug, .skipped: configuration.isVerbose
        // Folded, the log of a failure costs one line.
        case .log(let source):
            source.isOutput || configuration.showsLogs || configuration.isVerbose || configuration.folding != nil
        case .started, .ok, .failed, .info, .warning: true
        }
    }

    private mutating func show(_ lines: [ProgressLine], now: MonotonicInstant) {
        lastLine = now
        let stamp = configuration.terminal == nil ? timeOfDay(at: now) + " " : ""
        var text = erasing()
        for line in lines {
            text += turnFold(to: line.source, now)
            text += (fold == nil ? stamp + line.rendered(in: configuration.style) : line.text) + "\n"
        }
        emit(text)
    }

    private mutating func redraw(now: MonotonicInstant) {
        guard let terminal = configuration.terminal else { return }
        let current = activities.asksSomebody ? [] : activities.current
        guard !current.isEmpty else { return emit(erasing()) }
        let texts = current.map { $0.liveText(label(of: $0), now: now) }
        emit(living.draw(texts, on: terminal(), now: now) ?? "")
    }

    private func label(of activity: Activity) -> String { activity.job.map(narrator.label) ?? "" }

    private mutating func erasing() -> String {
        configuration.terminal.map { living.clear(on: $0()) } ?? ""
    }

    private func emit(_ text: String) {
        if !text.isEmpty { write(text) }
    }
}

// MARK: - Folds

extension ProgressPrinter {
    /// What to write before a line from `source`, nil for one of ours. Lines of several jobs at once carry their jobs'
    /// names instead of standing in folds of a line each.
    private mutating func turnFold(to source: LogSource?, _ now: MonotonicInstant) -> String {
        let wanted = configuration.folding != nil && activities.current.count <= 1 ? source : nil
        if let fold, fold.source == wanted { return "" }
        let closing = closeFold(now)
        guard let wanted, let folding = configuration.folding else { return closing }
        let opened = LogGroup(provider: folding.provider, token: folding.newToken())
        fold = (wanted, opened)
        return closing + opened.opening(wanted.title, at: date(at: now))
    }

    private mutating func closeFold(_ now: MonotonicInstant) -> String {
        defer { fold = nil }
        return fold?.fold.closing(at: date(at: now)) ?? ""
    }
}

// MARK: - Time

extension ProgressPrinter {
    /// Reckoned on from the last event, so that a jump of the wall clock between two does not show.
    private func date(at now: MonotonicInstant) -> Date {
        guard let lastStamp else { return Date(timeIntervalSince1970: 0) }
        return lastStamp.date.addingTimeInterval(lastStamp.instant.duration(to: now).seconds)
    }

    /// UTC.
    private func timeOfDay(at now: MonotonicInstant) -> String {
        lastStamp == nil ? "--:--:--" : String(EventTimestamp.text(from: date(at: now)).dropFirst(11).prefix(8))
    }
}
