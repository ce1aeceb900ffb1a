import ControlPlaneTypes
import Foundation
import Reports

/// Parts that several pages have.
struct PageParts: Sendable {
    let now: Date

    /// The age of a time, with the time itself for machines and for a pointer that rests on it.
    func age(_ text: String?) -> HTML? {
        guard let text, let date = Timestamp(text: text).date else { return nil }
        return .element("time", ["datetime": text, "title": Self.utc(date)], Self.age(now.timeIntervalSince(date)))
    }

    /// The same with what happened then.
    func age(_ label: String, _ text: String?) -> HTML? {
        age(text).map { .joined([.text("\(label) "), $0]) }
    }

    /// When a revision went live or, where nobody says that, was created.
    func age(of revision: RevisionRow) -> HTML? {
        age("went live", revision.liveSince) ?? age("created", revision.createdAt)
    }

    /// Minutes at least: a page that counted seconds would change all the time.
    static func age(_ seconds: Double) -> String {
        let minutes = Int(max(seconds, 0) / 60)
        switch minutes {
        case 0: return "just now"
        case 1..<60: return "\(minutes) min ago"
        case 60..<(48 * 60): return "\(minutes / 60) h ago"
        default: return "\(minutes / 60 / 24) days ago"
        }
    }

    /// A time in UTC; of the same day as the one before it, the time alone.
    func moment(_ text: String?, after before: String? = nil) -> HTML? {
        guard let text, let date = Timestamp(text: text).date else { return nil }
        let shown = Self.utc(date)
        let isSameDay = before.flatMap { Timestamp(text: $0).date }.map { Self.utc($0).prefix(10) == shown.prefix(10) }
        return .element("time", ["datetime": text], isSameDay == true ? String(shown.dropFirst(11)) : shown)
    }

    static func utc(_ date: Date) -> String {
        let style = Date.ISO8601FormatStyle(dateSeparator: .dash, dateTimeSeparator: .space, timeZone: .gmt)
            .year().month().day().time(includingFractionalSeconds: false)
        return date.formatted(style).prefix(16) + " UTC"
    }

    /// A sign besides the colour, for readers who cannot tell colours apart.
    static func badge(_ kind: String, _ text: String) -> HTML {
        let sign =
            switch kind {
            case "success": "✓"
            case "failure": "✕"
            case "error": "!"
            case "timeout": "◷"
            case "cancellation": "■"
            case "skip": "–"
            case "back": "↩"
            default: "…"
            }
        return .element(
            "span", ["class": "state \(kind)"],
            [.element("span", ["class": "mark", "aria-hidden": "true"], sign), .text(" \(text)")])
    }

    static func problem(_ problem: CommandProblem) -> HTML {
        .element(
            "div", ["class": "notice error", "role": "alert"],
            [.element("p", [:], [.element("strong", [:], problem.message)])]
                + (problem.hint.map { [.element("p", [:], "Hint: \($0)")] } ?? []))
    }

    /// What a command that succeeded could not tell.
    static func warnings(_ warnings: [CommandProblem]) -> [HTML] {
        warnings.map { warning in
            .element(
                "p", ["class": "notice error"],
                [.text(warning.message)] + (warning.hint.map { [.text("; "), .text($0)] } ?? []))
        }
    }

    static func readAt(_ date: Date) -> HTML {
        let text = Timestamp(date).text
        return .element(
            "p", ["class": "dim small"],
            [.text("Read at "), .element("time", ["datetime": text], String(utc(date)))])
    }

    /// What a revision was built from, with subject and author where they are known.
    static func source(_ revision: RevisionRow) -> HTML {
        commit(sha: revision.commitSha, image: revision.image, subject: revision.subject, author: revision.author)
    }

    static func commit(sha: String?, image: String?, subject: String?, author: String?) -> HTML {
        let short = sha.map { String($0.prefix(12)) } ?? image ?? "commit unknown"
        var parts: [HTML] = [.element("code", ["title": sha ?? ""], short)]
        if let subject { parts += [.text(" "), .element("span", ["class": "subject"], subject)] }
        if let author { parts += [.text(" "), .element("span", ["class": "dim"], "by \(author)")] }
        return .joined(parts)
    }

    /// The path of a deployment's page.
    static func path(of name: String, _ rest: String = "") -> String {
        "/deployments/" + encoded(name) + rest
    }

    /// For one part of a path, or a value of a query.
    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
