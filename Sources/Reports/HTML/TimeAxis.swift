import Clocks
import FoundationEssentials

/// From moments of a run to places on its time axis.
struct TimeAxis {
    struct Tick: Equatable {
        var position: Double
        var label: String
    }

    let start: Date
    let span: Duration

    /// - Parameter end: never before the start; a run of no length has an axis all the same.
    init(start: Date, end: Date) {
        self.start = start
        span = max(.milliseconds(Int64((end.timeIntervalSince(start) * 1000).rounded())), .milliseconds(1))
    }

    /// Percent of the axis, between 0 and 100.
    func position(of date: Date) -> Double {
        position(of: .milliseconds(Int64((date.timeIntervalSince(start) * 1000).rounded())))
    }

    func position(of offset: Duration) -> Double { min(max(offset / span * 100, 0), 100) }

    /// The time between two ticks: the shortest round one that makes no more than six of them.
    var step: Duration {
        let seconds: [Double] = [
            0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200,
        ]
        let found = seconds.first { span.seconds / $0 <= 6 }
        return .seconds(found ?? (span.seconds / 6 / 86400).rounded(.up) * 86400)
    }

    var ticks: [Tick] {
        let count = Int(span / step)
        return (0...max(count, 0)).map { Tick(position: position(of: step * $0), label: label(step * $0)) }
    }

    /// Shorter than durations elsewhere: `30s`, `5m`, `1h30m`.
    private func label(_ offset: Duration) -> String {
        if step < .seconds(1) {
            return offset < .seconds(1) && step < .milliseconds(100) ? "\(offset.milliseconds)ms" : offset.brief
        }
        let seconds = offset.milliseconds / 1000
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        let parts = [(hours, "h"), (minutes, "m"), (rest, "s")].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
        return parts.isEmpty ? "0" : parts.joined()
    }
}
