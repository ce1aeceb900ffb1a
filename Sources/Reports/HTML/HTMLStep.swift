import Clocks
import Engine
import Redaction
import WorkflowModel

/// What a step's row unfolds to.
struct HTMLStep {
    /// An output is for other steps; what is longer is data.
    private static let maximumOutput = 400

    let step: StepSummary
    let logLines: Int

    /// Empty where there is nothing more to say.
    var markup: [HTML] { tries + failure + outputs + logs }

    private var tries: [HTML] {
        guard step.attempts.count > 1 else { return [] }
        let items = step.attempts.map { attempt -> HTML in
            var parts: [HTML] = [.text("Try \(attempt.number): \(attempt.result.word), \(attempt.duration.brief). ")]
            if let failure = attempt.failure { parts.append(HTMLTimeline.reason(failure)) }
            return .element("li", [:], parts)
        }
        return [.element("ul", ["class": "tries"], items)]
    }

    private var failure: [HTML] {
        guard let failure = step.failure else { return [] }
        var parts = [HTML.element("p", [:], [HTMLTimeline.reason(failure)])]
        if let hint = failure.hint { parts.append(.element("p", ["class": "hint"], "Next: \(hint)")) }
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

    private var logs: [HTML] { step.logs.compactMap { HTMLLog(log: $0, lines: logLines).markup } }
}
