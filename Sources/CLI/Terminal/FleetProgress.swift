import Clocks
import Engine
import FoundationEssentials
import Redaction
import Reports

/// The progress of a fleet in few lines: one when a target ends, and the counts of each wave that runs. Thousands of
/// targets fit a screen.
struct FleetProgress: Sendable {
    private struct Wave: Sendable {
        let name: String
        let total: Int
        var started = 0
        var live = 0
        var failed = 0
        var skipped = 0
        var began: Date?

        var finished: Int { live + failed + skipped }
        var isRunning: Bool { started > 0 && finished < total }
        var counts: String {
            let rest = [(failed, "failed"), (skipped, "skipped")].filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }
            return "\(live) of \(total) done" + rest.joined()
        }
    }

    /// Where the counts are always seen, more targets than this are not listed one by one, except failed ones.
    private static let listed = 20

    private let clean: TextSanitizer
    private let hasLiveRegion: Bool
    private var waves: [Wave]
    private var places: [String: Int] = [:]
    /// When each target that is running began, and why it failed, by its job.
    private var starts: [String: Date] = [:]
    private var failures: [String: StepFailure] = [:]

    /// - Parameter waves: the job of each wave and the number of its targets.
    init(_ waves: [(job: String, targets: Int)], clean: TextSanitizer, hasLiveRegion: Bool) {
        self.clean = clean
        self.hasLiveRegion = hasLiveRegion
        self.waves = waves.map { Wave(name: $0.job, total: $0.targets) }
        for (place, wave) in waves.enumerated() { places[wave.job] = place }
    }

    /// Nil for an event that is about no target.
    mutating func lines(for event: RunEvent) -> [ProgressLine]? {
        guard let path = event.payload.jobPath, let (place, target) = target(path.outermost.text) else { return nil }
        let label = "\(waves[place].name): \(clean.line(target))"
        switch event.payload {
        case let note as Noted where note.level == .warning:
            return [ProgressLine(.warning, "\(label): \(clean.line(note.message))")]
        case let start as JobStarted where !start.job.isNested:
            starts[start.job.text] = event.date
            waves[place].started += 1
            waves[place].began = waves[place].began ?? event.date
            return waves[place].started == 1
                ? [ProgressLine(.info, "\(waves[place].name): \(waves[place].total) targets")] : []
        case let end as StepFinished where !end.job.isNested:
            failures[end.job.text] = end.failure ?? failures[end.job.text]
            return []
        case let end as JobFinished where !end.job.isNested:
            return lines(for: end, label, place, at: event.date)
        default: return []
        }
    }

    private mutating func lines(
        for end: JobFinished, _ label: String, _ place: Int, at date: Date
    ) -> [ProgressLine] {
        let start = starts.removeValue(forKey: end.job.text)
        let took = start.map { " " + $0.duration(to: date).brief } ?? ""
        let failure = end.failure ?? failures.removeValue(forKey: end.job.text)
        var line = ProgressLine(.ok, label + took)
        switch end.result {
        case .success: waves[place].live += 1
        case .skip:
            waves[place].skipped += 1
            line = ProgressLine(.skipped, label)
        case .failure, .error, .timeout, .cancellation:
            waves[place].failed += 1
            line = ProgressLine(.failed, label + took + ": " + clean.line(failure?.message ?? end.result.rawValue))
        }
        let wave = waves[place]
        let isListed = !hasLiveRegion || wave.total <= Self.listed || line.kind == .failed
        let ending = ProgressLine(.info, "\(wave.name): \(wave.counts)")
        return (isListed ? [line] : []) + (wave.finished == wave.total && wave.total > 1 ? [ending] : [])
    }

    /// `wave (target)`.
    private func target(_ job: String) -> (place: Int, target: String)? {
        guard job.hasSuffix(")"), let start = job.firstRange(of: " ("),
            let place = places[String(job[..<start.lowerBound])]
        else { return nil }
        return (place, String(job[start.upperBound...].dropLast()))
    }

    /// A line for each wave that runs.
    func live(at date: Date) -> [LiveLine] {
        waves.filter(\.isRunning).map { wave in
            LiveLine(
                label: "\(wave.name): \(wave.counts), \(wave.started - wave.live - wave.failed) running",
                elapsed: (wave.began ?? date).duration(to: date).brief)
        }
    }
}
