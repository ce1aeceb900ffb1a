import Engine
import Redaction
package import WorkflowModel

/// Workflow commands that mark failures and warnings on a GitHub run's page, at the workflow file's lines where they
/// are known.
package struct GitHubAnnotations: Sendable {
    /// A step shows ten of each kind; the last of them says how many more there are.
    package static let maximumOfAKind = 9
    /// In Unicode scalars; the runner cuts there.
    package static let maximumMessage = 4096

    private enum Kind: String { case error, warning, notice }

    private struct Annotation {
        var kind: Kind
        var title: String
        var message: String
        var position: SourcePosition?
    }

    private let annotations: [Annotation]

    /// - Parameter positions: where the steps stand in the workflow file; one outside of the repository is left out.
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
        // In a run that went well no failure counted in the end.
        guard summary.verdict?.outcome != .success else { return [] }
        // The failure that the verdict comes down to is told first, with the verdict.
        let primary = summary.primaryFailure
        let hint = primary?.failure.hint.map { "\nhint: \($0)" } ?? ""
        var errors = [
            Annotation(
                kind: .error, title: primary?.failure.code ?? summary.verdict?.rawValue ?? "Unfinished",
                message: Headline(summary, clean: clean).text + hint,
                position: primary?.step.flatMap { positions[$0.address] })
        ]
        // A step that uses a workflow fails with what failed in there, which is told once.
        var told = [primary?.failure].compactMap(\.self)
        for failure in summary.failures where !told.contains(failure.failure) {
            told.append(failure.failure)
            // What was told to stop because another row failed did nothing wrong itself.
            let wasStopped = failure.step?.result == .cancellation
            errors.append(
                Annotation(
                    kind: wasStopped ? .notice : .error, title: failure.failure.code, message: failure.failure.message,
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
                        message: "step '\(step.id)' failed, which is tolerated: \($0.message)",
                        position: positions[step.address])
                }
            }
    }

    private static func flaky(_ summary: RunSummary, _ positions: [StepAddress: SourcePosition]) -> [Annotation] {
        summary.steps.filter { $0.result == .success && !$0.earlierFailures.isEmpty }.map { step in
            let tries = step.earlierFailures.count + 1
            let reason = step.earlierFailures.last?.message ?? ""
            return Annotation(
                kind: .notice, title: "passed at try \(tries)", message: "step '\(step.id)' failed before: \(reason)",
                position: positions[step.address])
        }
    }

    private static func command(_ annotation: Annotation) -> String {
        var properties: [String] = []
        if let position = annotation.position, position.isInsideRepository {
            properties += ["file=\(property(position.repositoryFile))", "line=\(position.line)"]
            if position.column > 0 { properties.append("col=\(position.column)") }
        }
        properties.append("title=\(property(annotation.title))")
        let lines = TextSanitizer(escapesCICommands: false).lines(annotation.message).joined(separator: "\n")
        // Room for the ellipsis.
        let message = GitHubCommandText.data(lines.cut(toScalars: maximumMessage - 1))
        return "::\(annotation.kind.rawValue) \(properties.joined(separator: ","))::\(message)"
    }

    private static func property(_ text: String) -> String {
        GitHubCommandText.property(TextSanitizer(escapesCICommands: false).line(text))
    }
}
