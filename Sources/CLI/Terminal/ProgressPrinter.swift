import Clocks
import Engine
import FoundationEssentials
import Git
import Redaction
import Reports

/// Shows people how a run progresses, event by event. On a terminal the last lines are live; elsewhere there is one
/// plain line for each change, and a reminder in long silence.
///
/// Has no timer: its owner calls `tick` several times a second on a terminal, once a second elsewhere.
struct ProgressPrinter: Sendable {
    /// CI systems end a job that prints nothing for minutes.
    static let longestSilence = Duration.seconds(30)

    struct Configuration: Sendable {
        var style: Style
        var clean: TextSanitizer
        /// Asked at each drawing; nil when the stream is not a terminal that can erase a line.
        var terminal: (@Sendable () -> TerminalSize)?
        /// Debug notes and skipped steps too.
        var isVerbose = false
        /// The logs of builds and deploys too. The output of commands is always shown.
        var showsLogs = false
        /// Lines name their job from the first one on; else from when a second one begins.
        var hasSeveralJobs = false
        /// Set for a fleet, whose targets are told in a line each.
        var fleet: FleetProgress?
        /// Where log lines can be grouped, and a new token for every group.
        var grouping: (provider: CIProvider, newToken: @Sendable () -> String)?
    }

    enum Piece: Sendable {
        case text
        /// The beginning or the end of a log group: a CI system that misses one misreads what follows.
        case groupMark
    }

    private let configuration: Configuration
    private let write: @Sendable (String, Piece) -> Void
    private let lines: ProgressLines

    private var run = RunFold()
    private var fleet: FleetProgress?
    private var isClosed = false
    private var region: LiveRegion
    private var lastLine: MonotonicInstant?
    private var lastEvent: (date: Date, instant: MonotonicInstant)?
    private var group: (source: ProgressLine.LogSource, group: LogGroup)?

    /// `write` takes pieces of text as they are to appear.
    init(_ configuration: Configuration, write: @escaping @Sendable (String, Piece) -> Void) {
        self.configuration = configuration
        self.write = write
        lines = ProgressLines(
            style: configuration.style, clean: configuration.clean, hasSeveralJobs: configuration.hasSeveralJobs,
            hasLiveRegion: configuration.terminal != nil)
        region = LiveRegion(style: configuration.style)
        fleet = configuration.fleet
    }

    mutating func observe(_ event: RunEvent, now: MonotonicInstant) {
        lastEvent = (event.date, now)
        lastLine = lastLine ?? now
        let new = newLines(for: event).filter(isWanted)
        if !new.isEmpty { show(new, now: now) }
        redraw(now: now)
    }

    /// What belongs to a target of a fleet is not kept.
    private mutating func newLines(for event: RunEvent) -> [ProgressLine] {
        if let told = fleet?.lines(for: event) { return told }
        defer { run.add(event) }
        return lines.lines(for: event, in: run)
    }

    mutating func tick(now: MonotonicInstant) {
        guard configuration.terminal == nil else { return redraw(now: now) }
        guard let lastLine, lastLine.duration(to: now) >= Self.longestSilence else { return }
        let waves = waves(at: now).map { "\($0.label) \($0.elapsed)" }
        let reminders = waves + activities.map { lines.reminder(for: $0, at: date(at: now), in: run) }
        guard !reminders.isEmpty else { return }
        self.lastLine = now
        // A command that is silent for a while has not ended: its group continues.
        let stamp = group == nil ? timeOfDay(at: now) + " " : ""
        emit(reminders.map { stamp + $0 + "\n" }.joined())
    }

    /// Leaves the terminal without live lines and open groups; nothing may be drawn afterwards.
    mutating func close(now: MonotonicInstant) {
        isClosed = true
        emit(erasing())
        closeGroup(now)
    }

    /// Writes commands for the CI system where it obeys them.
    func pass(_ commands: String) {
        emit(group?.group.passing(commands) ?? commands, .groupMark)
    }

    private var activities: [RunActivity] { isClosed ? [] : run.activities }

    private func waves(at now: MonotonicInstant) -> [LiveLine] {
        isClosed ? [] : fleet?.live(at: date(at: now)) ?? []
    }

    private func isWanted(_ line: ProgressLine) -> Bool {
        switch line.kind {
        case .debug, .skipped: configuration.isVerbose
        // In a group, the log of a failure costs one line.
        case .log(let source):
            source.isOutput || configuration.showsLogs || configuration.isVerbose || configuration.grouping != nil
        case .started, .ok, .failed, .info, .warning: true
        }
    }

    private mutating func show(_ new: [ProgressLine], now: MonotonicInstant) {
        lastLine = now
        let stamp = configuration.terminal == nil ? timeOfDay(at: now) + " " : ""
        var text = erasing()
        for line in new {
            if group?.source != wantedGroup(of: line) {
                emit(text)
                text = ""
                switchGroup(to: wantedGroup(of: line), now)
            }
            text += (group == nil ? stamp + line.rendered(in: configuration.style) : line.text) + "\n"
        }
        emit(text)
    }

    private mutating func redraw(now: MonotonicInstant) {
        guard let terminal = configuration.terminal else { return }
        let current = activities
        // The answer to a question is typed into the last line.
        let waves = waves(at: now)
        guard !current.isEmpty || !waves.isEmpty, !current.contains(where: { $0.step.uses == "approval" }) else {
            return emit(erasing())
        }
        let live = waves + current.map { lines.liveLine(for: $0, at: date(at: now), in: run) }
        emit(region.draw(live, on: terminal(), now: now) ?? "")
    }

    private mutating func erasing() -> String {
        configuration.terminal.map { region.clear(on: $0()) } ?? ""
    }

    private func emit(_ text: String, _ piece: Piece = .text) {
        if !text.isEmpty { write(text, piece) }
    }
}

// MARK: - Log groups

extension ProgressPrinter {
    /// Lines of several jobs at once carry their jobs' names instead of standing in groups of a line each.
    private func wantedGroup(of line: ProgressLine) -> ProgressLine.LogSource? {
        configuration.grouping != nil && activities.count <= 1 ? line.source : nil
    }

    private mutating func switchGroup(to source: ProgressLine.LogSource?, _ now: MonotonicInstant) {
        closeGroup(now)
        guard let source, let grouping = configuration.grouping else { return }
        let opened = LogGroup(provider: grouping.provider, token: grouping.newToken())
        group = (source, opened)
        emit(opened.opening(source.title, at: date(at: now)), .groupMark)
    }

    private mutating func closeGroup(_ now: MonotonicInstant) {
        if let group { emit(group.group.closing(at: date(at: now)), .groupMark) }
        group = nil
    }
}

// MARK: - Time

extension ProgressPrinter {
    /// Reckoned from the last event, so that a jump of the wall clock between two does not show.
    private func date(at now: MonotonicInstant) -> Date {
        guard let lastEvent else { return Date(timeIntervalSince1970: 0) }
        return lastEvent.date.addingTimeInterval(lastEvent.instant.duration(to: now).seconds)
    }

    /// UTC.
    private func timeOfDay(at now: MonotonicInstant) -> String {
        lastEvent == nil ? "--:--:--" : String(EventTimestamp.text(from: date(at: now)).dropFirst(11).prefix(8))
    }
}
