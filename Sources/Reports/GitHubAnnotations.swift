import Engine
import Redaction
package import WorkflowModel

/// Workflow commands that annotate a GitHub run with failures and warnings, at the lines of the workflow file where
/// these are known.
package struct GitHubAnnotations: Sendable {
    /// GitHub shows ten of each kind for a step; the last one says how many more there are.
    package static let maximumOfAKind = 9
    /// In Unicode scalars; the runner cuts longer messages.
    package static let maximumMessage = 4096

    private enum Kind: String { case error, warning, notice }

    private struct Annotation {
        var kind: Kind
        var title: String
        var message: String
        var position: SourcePosition?
    }

    private let annotations: [Annotation]

    /// - Parameter positions: of steps in the workflow's files; those outside the repository are left out.
    package init(_ summary: RunSummary, positions: [StepAddress: SourcePosition] = [:]) {
        annotations =
            Self.errors(summary, positions) + Self.warnings(summary, positions) + Self.flaky(summary, positions)
    }

    /// One command a line, to be printed at the start of a line.
    package var lines: [String] {
        [Kind.error, .warning, .notice].flatMap { kind in
            let all = annotations.filter { $0.kind == kind }
            let rest = all.count - Self.maximumOfAKind
            let more = Annotation(kind: kind, title: "slipway", message: "\(rest) more, see the summary")
            return (all.prefix(Self.maximumOfAKind) + (rest > 0 ? [more] : [])).map(Self.command)
        }
    }

    private static func errors(_ summary: RunSummary, _ positions: [StepAddress: SourcePosition]) -> [Annotation] {
        let clean = TextSanitizer(escapesCICommands: false)
        // In a successful run no failure counts.
        guard summary.verdict?.outcome != .success else { return [] }
        // The failure that decided the verdict comes first, with the verdict.
        let primary = summary.primaryFailure
        let hint = primary?.failure.hint.map { "\nhint: \($0)" } ?? ""
        var errors = [
            Annotation(
                kind: .error, title: primary?.failure.code ?? summary.verdict?.rawValue ?? "Unfinished",
                message: Headline(summary, clean: clean).text + hint,
                position: primary?.step.flatMap { positions[$0.address] })
        ]
        // A step that uses a workflow has the failure of the step inside, which is reported once.
        var reported = [primary?.failure].compactMap(\.self)
        for failure in summary.failures where !reported.contains(failure.failure) {
            reported.append(failure.failure)
            // A row that was cancelled because another row failed did not fail itself.
            let wasCancelled = failure.step?.result == .cancellation
            errors.append(
                Annotation(
                    kind: wasCancelled ? .notice : .error, title: failure.failure.code,
                    message: failure.failure.message,
                    position: failure.step.flatMap { positions[$0.address] }))
        }
        return errors
    }

    private static func warnings(_ summary: RunSummary, _ positions: [StepAddress: SourcePosition]) -> [Annotation] {
        let notes = summary.notes.filter { $0.level == .warning }.map { note in
            Annotation(kind: .warning, title: "slipway", message: note.message, position: positions[note.step])
        }
        return notes
            + summary.steps.filter(\.isTolerated).compactMap { step in
                step.failure.map {
                    Annotation(
                        kind: .warning, title: $0.code,
                        message: "step '\(step.id)' failed (tolerated): \($0.message)",
                        position: positions[step.address])
                }
            }
    }

    private static func flaky(_ summary: RunSummary, _ positions: [StepAddress: SourcePosition]) -> [Annotation] {
        summary.steps.filter { $0.result == .success && !$0.earlierFailures.isEmpty }.map { step in
            let attempts = step.earlierFailures.count + 1
            let reason = step.earlierFailures.last?.message ?? ""
            return Annotation(
                kind: .notice, title: "passed at attempt \(attempts)",
                message: "step '\(step.id)' failed first: \(reason)",
                position: positions[step.address])
        }
    }

    /// For an error before there is a run.
    package static func error(_ message: String, title: String) -> String {
        command(Annotation(kind: .error, title: title, message: message, position: nil))
    }

    private static func command(_ annotation: Annotation) -> String {
        var properties: [String] = []
        if let position = annotation.position, position.isInsideRepository {
            properties += ["file=\(property(position.repositoryFile))", "line=\(position.line)"]
            if position.column > 0 { properties.append("col=\(position.column)") }
        }
        properties.append("title=\(property(annotation.title))")
        let lines = TextSanitizer(escapesCICommands: false).lines(annotation.message).joined(separator: "\n")
        // Leaves room for the ellipsis.
        let message = GitHubCommandText.data(lines.cut(toScalars: maximumMessage - 1))
        return "::\(annotation.kind.rawValue) \(properties.joined(separator: ","))::\(message)"
    }

    private static func property(_ text: String) -> String {
        GitHubCommandText.property(TextSanitizer(escapesCICommands: false).line(text))
    }
}

/// Escapes text inside GitHub's workflow commands. Works scalar by scalar, because "\r\n" and a colon with a combining
/// mark are single characters.
package enum GitHubCommandText {
    /// The text after the `::` that closes the command's name and properties.
    package static func data(_ text: String) -> String {
        escaped(text, besides: "")
    }

    /// The value of a property, such as a title.
    package static func property(_ text: String) -> String {
        escaped(text, besides: ":,")
    }

    private static func escaped(_ text: String, besides delimiters: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if "%\r\n".unicodeScalars.contains(scalar) || delimiters.unicodeScalars.contains(scalar) {
                result += (scalar.value < 16 ? "%0" : "%") + String(scalar.value, radix: 16, uppercase: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}
