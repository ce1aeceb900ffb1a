import Clocks
import Engine

/// The summary of runs for the page of a CI job: the verdict in the first line, then what serves, how long each phase
/// took, and why it went wrong.
package struct MarkdownSummary: Sendable {
    /// GitHub drops a step's whole summary when it is longer than 1 MiB.
    package static let maximumBytes = 900 << 10

    private let summaries: [RunSummary]

    /// - Parameter summaries: several runs make one summary.
    package init(_ summaries: [RunSummary]) { self.summaries = summaries }

    /// - Parameter bytes: how much room there is; the log goes first, then the tables.
    package func text(within bytes: Int = MarkdownSummary.maximumBytes) -> String {
        for limits in Limits.everSmaller {
            let text = text(limits)
            if text.utf8.count <= bytes { return text }
        }
        return headline.utf8.count <= bytes ? headline : ""
    }

    /// How much of a run is shown.
    struct Limits {
        var logLines: Int
        var rows: Int

        static let everSmaller = [
            Limits(logLines: LogTail.maximumLines, rows: 1000), Limits(logLines: 40, rows: 1000),
            Limits(logLines: 0, rows: 200), Limits(logLines: 0, rows: 20),
        ]
    }

    private func text(_ limits: Limits) -> String {
        let sections = summaries.map { MarkdownRun(summary: $0, limits: limits).text }
        guard summaries.count > 1 else { return sections.first ?? "" }
        return ([headline] + sections).joined(separator: "\n")
    }

    private var headline: String {
        guard summaries.count != 1 else { return summaries.first.map { MarkdownRun.headline($0) } ?? "" }
        let verdict = Verdict.merged(summaries.map(\.verdict))
        let good = summaries.filter { $0.verdict?.outcome == .success }.count
        return "## \((verdict?.outcome).symbol) \(good) of \(summaries.count) runs succeeded\n"
    }
}

extension Outcome? {
    /// For readers that show emoji; nil stands for what did not end.
    var symbol: String {
        switch self {
        case .success: "✅"
        case .failure: "❌"
        case .error: "⚠️"
        case .timeout: "⏱️"
        case .cancellation: "🛑"
        case .skip: "⏭️"
        case .none: "❔"
        }
    }

    var word: String { self?.rawValue ?? "did not end" }
}
