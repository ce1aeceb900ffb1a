import Engine
import Reports

/// Leaves out the lines of a log that another step has shown: a step may read the end of a log that an earlier one
/// followed.
enum LogDeduplicator {
    /// The lines that are new. What one step logs twice was there twice.
    ///
    /// - Parameter run: the run before the lines.
    static func newLines(of logged: Logged, in run: RunFold) -> ArraySlice<String> {
        let steps = run.jobs.first { $0.id == logged.job.text }?.steps ?? []
        let tails = steps.compactMap { step in
            step.logs.first { $0.stream == logged.stream }.map { (step: step.id, lines: $0.lines) }
        }
        guard !tails.contains(where: { $0.step == logged.step }), let shown = tails.last?.lines else {
            return logged.lines[...]
        }
        return logged.lines.dropFirst(overlap(of: shown, logged.lines))
    }

    /// How many of the last lines shown are the first ones of `lines`.
    private static func overlap(of shown: [String], _ lines: [String]) -> Int {
        let longest = min(shown.count, lines.count)
        return (0...longest).reversed().first { shown.suffix($0).elementsEqual(lines.prefix($0)) } ?? 0
    }
}
