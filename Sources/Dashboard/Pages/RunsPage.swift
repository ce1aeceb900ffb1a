import Engine
import Foundation
import Reports

/// The runs whose journals this machine has, each with its timeline.
struct RunsPage: Sendable {
    let runs: [String]
    let history: Reading<HistoryDocument>
    let parts: PageParts

    var content: PageContent {
        let known = Dictionary(
            (history.value?.entries ?? []).compactMap { row in row.record?.runId.map { ($0, row) } },
            uniquingKeysWith: { first, _ in first })
        let list: HTML =
            runs.isEmpty
            ? .element("p", ["class": "empty"], "No runs on this machine yet.")
            : .element("ol", ["class": "history"], runs.map { entry($0, known[$0]) })
        return PageContent(
            title: "Runs", section: .runs,
            body: [
                .element("h1", [:], "Runs"),
                .element("p", ["class": "dim"], "The newest runs of this machine. Each opens its timeline."),
            ] + [history.problem.map(PageParts.problem), list].compactMap(\.self))
    }

    private func entry(_ run: String, _ row: HistoryRow?) -> HTML {
        let link = HTML.element("a", ["href": "/runs/\(run)"], run)
        guard let row, let record = row.record else {
            return .element("li", ["class": "skip"], [.element("p", ["class": "what"], [link])])
        }
        let (kind, word) = Self.verdict(record.verdict)
        let what = [record.kind, row.deployment.name].compactMap(\.self).joined(separator: " ")
        let reason: [HTML] = record.reason.map { [.element("p", ["class": "reason"], [.element("q", [:], $0)])] } ?? []
        let when = parts.moment(record.startedAt).map { [HTML.element("p", ["class": "dim"], [$0])] } ?? []
        return .element(
            "li", ["class": kind],
            [
                .element(
                    "p", ["class": "what"],
                    [PageParts.badge(kind, word), .text(" \(what) "), link])
            ] + when + reason)
    }

    private static func verdict(_ text: String?) -> (kind: String, word: String) {
        guard let text else { return ("running", "unfinished") }
        switch Verdict(rawValue: text)?.outcome {
        case .success: return ("success", "succeeded")
        case .timeout: return ("timeout", "timed out")
        case .cancellation: return ("cancellation", "cancelled")
        case .error: return ("error", "error")
        case .failure, .skip, .none: return ("failure", "failed")
        }
    }
}
