import Foundation
import Reports

/// The form of a rollback: what to bring back, what goes away, and why.
struct RollbackPage: Sendable {
    let deployment: DeploymentRow
    let offer: Reading<RollbackOffer>
    let form: RollbackForm
    let problem: RollbackForm.Problem?
    let formToken: String
    let parts: PageParts

    var content: PageContent {
        let body: [HTML] =
            switch offer.result {
            case .failure(let problem): [PageParts.problem(problem), enteredReason].compactMap(\.self)
            case .success(let offer): markup(offer)
            }
        return PageContent(
            title: "Roll back \(deployment.name)", section: .deployments, reload: reload,
            body: [
                .element(
                    "p", ["class": "crumb"],
                    [.element("a", ["href": PageParts.path(of: deployment.name)], "Back to \(deployment.name)")]),
                .element("h1", [:], "Roll back \(deployment.name)"),
            ] + body)
    }

    /// Completes a page that came before the answer; one with a form is left to who fills it in.
    private var reload: PageContent.Reload? {
        guard offer.isLate, offer.value == nil, form.reason.isEmpty else { return nil }
        let query = form.to.isEmpty ? "" : "?to=\(PageParts.encoded(form.to))"
        return PageContent.Reload(seconds: 5, path: PageParts.path(of: deployment.name, "/rollback\(query)"))
    }

    /// Shown on a page without the form too, so that it is not lost.
    private var enteredReason: HTML? {
        form.reason.isEmpty
            ? nil : .element("p", [:], [.text("Your reason was: "), .element("code", [:], form.reason)])
    }

    private func markup(_ offer: RollbackOffer) -> [HTML] {
        let now = offer.live.map { live in
            HTML.element(
                "div", ["class": "card live goes"],
                [
                    .element("h2", [:], "Live now, goes away"), .element("p", [:], [PageParts.source(live)]),
                    .element(
                        "p", ["class": "dim"],
                        [
                            .text("revision "), .element("code", ["title": live.id], live.shortID),
                            parts.age(of: live).map { .joined([.text(", "), $0]) } ?? .text(""),
                        ]),
                ])
        }
        let waiting = offer.underWay.map { revision in
            HTML.element(
                "p", ["class": "notice error", "role": "alert"],
                "Revision \(revision.shortID) is in progress (\(revision.status ?? "unknown")): a rollback is refused "
                    + "until it has ended.")
        }
        guard !offer.candidates.isEmpty else {
            return [now].compactMap(\.self) + [
                .element("p", ["class": "empty"], "No revision to go back to: deploy a good commit.")
            ]
        }
        return [now].compactMap(\.self) + waiting + [formMarkup(offer)]
    }

    private func formMarkup(_ offer: RollbackOffer) -> HTML {
        let hidden = [("token", formToken), ("id", form.id), ("live", offer.live?.id ?? "")].map { name, value in
            HTML.void("input", ["type": "hidden", "name": name, "value": value])
        }
        return .element(
            "form",
            ["class": "rollback", "method": "post", "action": PageParts.path(of: deployment.name, "/rollback")],
            hidden + [problemMarkup].compactMap(\.self)
                + [candidates(offer), reason(offer), name(offer), submit]
                .compactMap(\.self))
    }

    private var problemMarkup: HTML? {
        problem.map { problem in
            .element(
                "p", ["class": "notice failure", "role": "alert", "id": "problem"],
                [.element("strong", [:], problem.message)])
        }
    }

    private func candidates(_ offer: RollbackOffer) -> HTML {
        let chosen =
            offer.candidates.first { !form.to.isEmpty && $0.revision.id.hasPrefix(form.to) }
            ?? offer.candidates.first(where: \.isTarget)
        let rows = offer.candidates.map { row($0, isChosen: $0.revision.id == chosen?.revision.id) }
        return .element(
            "fieldset", ["class": "candidates"], [.element("legend", [:], "Bring back")] + rows)
    }

    private func row(_ candidate: RollbackOffer.Candidate, isChosen: Bool) -> HTML {
        let revision = candidate.revision
        let input = "to-\(revision.id)"
        var tags: [HTML] = []
        if candidate.isTarget { tags.append(.element("span", ["class": "tag good"], "proposed")) }
        if let mark = candidate.mark { tags.append(.element("span", ["class": "tag"], mark)) }
        if let reason = candidate.reason { tags.append(.element("q", [:], reason)) }
        if let note = candidate.note { tags.append(.element("span", ["class": "dim"], note)) }
        let label = HTML.element(
            "label", ["for": input],
            [
                .element("span", ["class": "source"], [PageParts.source(revision)]),
                .element(
                    "span", ["class": "dim"],
                    [
                        .text("revision "), .element("code", [:], revision.shortID),
                        parts.age("created", revision.createdAt).map { .joined([.text(", "), $0]) } ?? .text(""),
                    ]), .joined(tags, separator: " "),
            ])
        let changes: [HTML] =
            candidate.changes.isEmpty ? [] : [.element("pre", ["class": "changes"], [.lines(candidate.changes)])]
        return .element(
            "div", ["class": "candidate"],
            [
                .void(
                    "input",
                    [
                        "type": "radio", "name": "to", "id": input, "value": revision.id, "required": "required",
                        "checked": isChosen ? "checked" : "",
                    ]), label,
            ] + changes)
    }

    private func reason(_ offer: RollbackOffer) -> HTML {
        field(
            .reason, "Reason", "Recorded with your name.",
            ["maxlength": String(RollbackForm.longestReason), "autofocus": "autofocus", "value": form.reason])
    }

    private func name(_ offer: RollbackOffer) -> HTML? {
        guard offer.needsName else { return nil }
        return field(
            .name, "Name of the deployment", "Type \(deployment.name) to confirm.",
            ["autocapitalize": "none", "spellcheck": "false", "value": form.name])
    }

    private func field(
        _ field: RollbackForm.Problem.Field, _ title: String, _ help: String, _ more: KeyValuePairs<String, String>
    ) -> HTML {
        let name = field.rawValue
        let isWrong = problem?.field == field
        // A literal cannot be joined with another one.
        let all: HTML.Attributes = [
            "id": name, "name": name, "type": "text", "required": "required", "autocomplete": "off",
            "aria-describedby": isWrong ? "\(name)-help problem" : "\(name)-help",
            "aria-invalid": isWrong ? "true" : "",
            "maxlength": more.value("maxlength"), "autofocus": more.value("autofocus"), "value": more.value("value"),
            "autocapitalize": more.value("autocapitalize"), "spellcheck": more.value("spellcheck"),
        ]
        return .element(
            "div", ["class": "field"],
            [
                .element("label", ["for": name], title), .void("input", all),
                .element("p", ["class": "dim", "id": "\(name)-help"], help),
            ])
    }

    private var submit: HTML {
        .element(
            "p", ["class": "submit"],
            [
                .element("button", ["type": "submit", "class": "danger"], "Roll back \(deployment.name)"), .text(" "),
                .element("a", ["href": PageParts.path(of: deployment.name)], "Cancel"),
            ])
    }
}

extension KeyValuePairs where Key == String, Value == String {
    fileprivate func value(_ key: String) -> String { first { $0.key == key }?.value ?? "" }
}
