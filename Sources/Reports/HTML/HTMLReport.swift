import Clocks
import Engine

/// Runs as one page for people: no script, nothing from elsewhere, readable without its style too.
package struct HTMLReport: Sendable {
    /// Pages that are longer make browsers on phones give up.
    static let maximumBytes = 12 << 20

    private let summaries: [RunSummary]

    /// - Parameter summaries: several runs make one page.
    package init(_ summaries: [RunSummary]) { self.summaries = summaries }

    /// The whole document, with a newline at the end.
    package var page: String {
        var page = ""
        for lines in [LogTail.maximumLines, 40, 5, 0] {
            // Escapes only add to it.
            if lines > 0 && logBytes(lines) > Self.maximumBytes { continue }
            page = document(logLines: lines)
            if page.utf8.count <= Self.maximumBytes { break }
        }
        return page
    }

    private func logBytes(_ lines: Int) -> Int {
        summaries.flatMap(\.steps).flatMap(\.logs).reduce(0) { sum, log in
            sum + log.lines.suffix(lines).reduce(0) { $0 + $1.utf8.count }
        }
    }

    private func document(logLines: Int) -> String {
        let sections = summaries.map { HTMLRun(summary: $0, logLines: logLines, isAlone: summaries.count == 1).markup }
        let body = HTML.element("main", [:], (summaries.count == 1 ? [] : [overview]) + sections)
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <meta name="robots" content="noindex">
            <title>\(HTML.text(title).markup)</title>
            <link rel="icon" href="\(icon)">
            <style>\(HTMLStyle.sheet)</style>
            </head>
            <body>
            \(body.markup)
            </body>
            </html>

            """
    }

    /// Nothing is fetched and nothing runs, whatever a log managed to say.
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

    private var verdict: Verdict? { Verdict.merged(summaries.map(\.verdict)) }

    private var title: String {
        let word = HTMLRun.badge(verdict)
        guard summaries.count == 1, let summary = summaries.first else { return "\(word): \(summaries.count) runs" }
        return "\(word): \(summary.main.deployment?.name ?? summary.workflow ?? "run")"
    }

    /// A dot in the verdict's colour.
    private var icon: String {
        let color =
            switch verdict?.outcome {
            case .success: "16814f"
            case .failure: "c22f45"
            case .error, .timeout: "b26a00"
            case .cancellation, .skip, .none: "6b7585"
            }
        let head = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        return head + "%3Ccircle cx='8' cy='8' r='7' fill='%23\(color)'/%3E%3C/svg%3E"
    }

    private var overview: HTML {
        let good = summaries.filter { $0.verdict?.outcome == .success }.count
        let rows = summaries.enumerated().map { index, summary in
            HTML.element(
                "li", ["class": HTMLRun.kind(summary.verdict)],
                [
                    .element("span", ["class": "badge"], HTMLRun.badge(summary.verdict)),
                    .text(" \(summary.main.deployment?.name ?? summary.workflow ?? "run \(index + 1)") "),
                    .element("span", ["class": "dim"], summary.duration.brief),
                ])
        }
        return .element(
            "header", ["class": "overview \(HTMLRun.kind(verdict))"],
            [.element("h1", [:], "\(good) of \(summaries.count) runs succeeded"), .element("ul", [:], rows)])
    }
}
