import ControlPlaneTypes
import Engine
import Foundation
import Reports

/// The runs whose journals this machine has, each with its timeline.
struct RunsPage: Sendable {
    let runs: [LocalRun]
    let parts: PageParts

    var content: PageContent {
        let list: HTML =
            runs.isEmpty
            ? .element("p", ["class": "empty"], "No runs on this machine yet.")
            : .element("ol", ["class": "history"], runs.map(entry))
        return PageContent(
            title: "Runs", section: .runs,
            body: [
                .element("h1", [:], "Runs"),
                .element("p", ["class": "dim"], "The newest runs of this machine, each with its timeline."),
                .element("section", ["aria-label": "Runs"], [list]),
            ])
    }

    private func entry(_ run: LocalRun) -> HTML {
        let (kind, word) = Self.words(run)
        let link = HTML.element("a", ["href": "/runs/\(run.id)"], run.headline.isEmpty ? run.id : run.headline)
        let time = run.startedAt.map { Timestamp($0).text }
        let when = [parts.moment(time).map { HTML.joined([.text("started "), $0]) }, parts.age(time)].compactMap(\.self)
        let lines: [HTML?] = [
            .element("p", ["class": "what"], [PageParts.badge(kind, word), .text(" "), link]),
            run.reason.map { .element("p", ["class": "reason"], [.element("q", [:], $0)]) },
            .element("p", ["class": "dim"], [.joined(when + [.element("code", [:], run.id)], separator: " · ")]),
        ]
        return .element("li", ["class": kind], lines.compactMap(\.self))
    }

    private static func words(_ run: LocalRun) -> (kind: String, word: String) {
        switch run.outcome {
        case .success: ("success", "succeeded")
        case .failure: ("failure", "failed")
        case .timeout: ("timeout", "timed out")
        case .cancellation: ("cancellation", "cancelled")
        case .error: ("error", "error")
        case .skip: ("skip", "skipped")
        case .none: run.isRunning ? ("running", "in progress") : ("error", "did not finish")
        }
    }
}
