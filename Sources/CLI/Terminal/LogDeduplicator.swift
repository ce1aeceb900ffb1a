import Engine

/// The log lines that the screen has told. A step that reads a log's end after another one followed that log tells
/// only what has come since.
struct LogDeduplicator: Sendable {
    /// As many as an end has, and more.
    static let memory = 200

    private struct Source: Hashable {
        var job: String
        var stream: String
    }

    private var told: [Source: (step: String, lines: [String])] = [:]

    /// The lines that are new. What one step says twice was there twice.
    mutating func fresh(_ logged: Logged) -> ArraySlice<String> {
        let source = Source(job: logged.job.text, stream: logged.stream)
        let known = told[source]
        let isContinued = known == nil || known?.step == logged.step
        let repeated = isContinued ? 0 : Self.overlap(of: known?.lines ?? [], logged.lines)
        let fresh = logged.lines.dropFirst(repeated)
        told[source] = (logged.step, Array(((known?.lines ?? []) + fresh).suffix(Self.memory)))
        return fresh
    }

    /// How many of the last lines told are the first ones of `lines`.
    private static func overlap(of told: [String], _ lines: [String]) -> Int {
        let longest = min(told.count, lines.count)
        return (0...longest).reversed().first { told.suffix($0).elementsEqual(lines.prefix($0)) } ?? 0
    }
}
