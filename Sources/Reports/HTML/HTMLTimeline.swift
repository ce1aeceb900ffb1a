import Clocks
import Engine
import FoundationEssentials
import Redaction
import WorkflowModel

/// The rows of a timeline; each step unfolds to its attempts, outputs and logs.
struct HTMLTimeline {
    let timeline: Timeline
    let logLines: Int

    var markup: HTML {
        let tick = Self.percent(timeline.axis.position(of: timeline.axis.step))
        return .element(
            "section", ["class": "timeline", "style": "--tick:\(tick)"],
            [.element("h3", [:], "Timeline"), axis] + timeline.jobs.flatMap { rows(of: $0) })
    }

    private var axis: HTML {
        let labels = timeline.axis.ticks.map {
            HTML.element("span", ["style": "left:\(Self.percent($0.position))"], $0.label)
        }
        let track = HTML.element("span", ["class": "labels"], labels)
        return .element(
            "div", ["class": "row axis", "aria-hidden": "true"], [.element("span"), track, .element("span")])
    }

    private func rows(of row: Timeline.JobRow) -> [HTML] {
        let failure = row.job.failure.map { [HTML.element("p", ["class": "note"], [Self.reason($0)])] } ?? []
        let title = HTML.element(
            "h4", ["class": row.job.result?.rawValue ?? "running"],
            [
                mark(row.job.result), .text(" \(row.job.id) "),
                .element("span", ["class": "dim"], "\(row.job.result.word), \(row.duration.brief)"),
            ])
        let hasSeveral = timeline.jobs.count > 1 || row.job.failure != nil
        return (hasSeveral ? [title] : []) + failure + row.steps.flatMap { rows(of: $0) }
    }

    private func rows(of row: Timeline.StepRow) -> [HTML] {
        let step = row.step
        let kind = step.result?.rawValue ?? "running"
        let took = step.result == .skip ? "skipped" : step.duration.brief
        let line = [label(step), track(row.bars), HTML.element("span", ["class": "took"], took)]
        let inside = HTMLStep(step: step, logLines: logLines).markup
        let head: HTML =
            inside.isEmpty
            ? .element("div", ["class": "row step \(kind)"], line)
            : .element(
                "details", ["class": "step \(kind)"],
                [.element("summary", ["class": "row"], line), .element("div", ["class": "inside"], inside)])
        return [head] + row.phases.map(phase)
    }

    private func label(_ step: StepSummary) -> HTML {
        let tries =
            (step.attempts.count > 1 ? ", \(step.attempts.count) attempts" : "")
            + (step.isTolerated ? ", failure tolerated" : "")
        let result = HTML.element("span", ["class": "hidden"], " \(step.result.word)")
        return .element(
            "span", ["class": "label"],
            [mark(step.result), .text(" \(step.name)"), .element("span", ["class": "dim"], tries), result])
    }

    private func phase(_ row: Timeline.PhaseRow) -> HTML {
        let kind = row.summary.result?.rawValue ?? "running"
        return .element(
            "div", ["class": "row phase \(kind)"],
            [
                .element("span", ["class": "label"], row.summary.phase.rawValue), track(row.bars),
                .element("span", ["class": "took"], row.summary.duration.brief),
            ])
    }

    private func track(_ bars: [Timeline.Bar]) -> HTML {
        let marks = bars.map { bar in
            HTML.element(
                "span",
                [
                    "class": "bar \(bar.kind)", "title": bar.title,
                    "style": "left:\(Self.percent(bar.start));width:\(Self.percent(bar.length))",
                ])
        }
        return .element("span", ["class": "track"], marks)
    }

    /// A sign besides the colour, for readers who cannot tell colours apart.
    private func mark(_ result: Outcome?) -> HTML {
        let sign =
            switch result {
            case .success: "✓"
            case .failure: "✕"
            case .error: "!"
            case .timeout: "◷"
            case .cancellation: "■"
            case .skip: "–"
            case .none: "…"
            }
        return .element("span", ["class": "mark", "aria-hidden": "true"], sign)
    }

    static func reason(_ failure: StepFailure) -> HTML {
        .joined([.element("code", [:], failure.code), .text(" \(failure.message)")])
    }

    /// Two decimals, with a point in every locale.
    static func percent(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(String(100 + hundredths % 100).dropFirst())%"
    }
}

/// The details that the row of a step unfolds to.
private struct HTMLStep {
    /// In Unicode scalars; a longer output is data.
    private static let maximumOutput = 400

    let step: StepSummary
    let logLines: Int

    /// Empty where there are no details.
    var markup: [HTML] { attempts + failure + outputs + logs }

    private var attempts: [HTML] {
        guard step.attempts.count > 1 else { return [] }
        let items = step.attempts.map { attempt -> HTML in
            var parts: [HTML] = [
                .text("Attempt \(attempt.number): \(attempt.result.word), \(attempt.duration.brief). ")
            ]
            if let failure = attempt.failure { parts.append(HTMLTimeline.reason(failure)) }
            return .element("li", [:], parts)
        }
        return [.element("ul", ["class": "attempts"], items)]
    }

    private var failure: [HTML] {
        guard let failure = step.failure else { return [] }
        var parts = [HTML.element("p", [:], [HTMLTimeline.reason(failure)])]
        if let hint = failure.hint { parts.append(.element("p", ["class": "hint"], "Hint: \(hint)")) }
        let details = failure.details.suffix(max(logLines, 5))
        if !details.isEmpty { parts.append(.element("pre", [:], [.lines(Array(details))])) }
        return parts
    }

    private var outputs: [HTML] {
        let known = step.outputs.filter { $0.value != .null }
        guard !known.isEmpty else { return [] }
        let rows = known.sorted { $0.key < $1.key }.map { name, value in
            HTML.element(
                "tr", [:],
                [
                    .element("th", ["scope": "row"], name),
                    .element("td", [:], [.element("code", [:], value.text.cut(toScalars: Self.maximumOutput))]),
                ])
        }
        return [.element("table", ["class": "outputs"], rows)]
    }

    private var logs: [HTML] {
        step.logs.compactMap { HTMLLog(log: $0, lines: logLines).markup }
            + [HTMLLog.file(step.logFile)].compactMap(\.self)
    }
}

/// The end of a log, folded.
struct HTMLLog {
    let log: LogTail
    let lines: Int

    /// A link to the whole log, which works on the machine of the run.
    static func file(_ path: String?) -> HTML? {
        guard let path else { return nil }
        let address = URL(filePath: path).absoluteString
        return .element("p", [:], [.text("Whole log: "), .element("a", ["href": address], path)])
    }

    /// Nil where there is nothing to show.
    var markup: HTML? {
        let shown = log.lines.suffix(lines)
        guard !shown.isEmpty else { return nil }
        let omitted = log.omittedLines + log.lines.count - shown.count
        let before = omitted > 0 ? ", \(omitted) earlier ones omitted" : ""
        let title = "Log '\(log.stream)': the last \(shown.count) \(shown.count == 1 ? "line" : "lines")\(before)"
        return .element(
            "details", [:],
            [.element("summary", [:], title), .element("pre", ["tabindex": "0"], [.lines(Array(shown))])])
    }
}
