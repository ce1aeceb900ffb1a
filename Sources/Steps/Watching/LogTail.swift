import ControlPlane
import ControlPlaneTypes
import Engine

/// Fetches the last log lines of a revision, so that a failure can be understood after the rollback too.
struct LogTail: Sendable {
    /// Enough for a stack trace and what came before it.
    static let lineCount = 60

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let revision: RevisionID
    /// The lines are in the run already, because it followed them.
    var isTold = false

    /// The last line that says something; advice is not a cause.
    static func tellingLine(_ lines: [String]) -> String? {
        lines.last { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("hint:") }
    }

    /// Records the tails as log events; returns the last line of the last one that has any.
    @discardableResult
    func collect(_ types: [LogQuery.Kind]) async throws -> String? {
        var last: String?
        for type in types {
            do {
                let entries = try await client.logs(type, ofRevision: revision, of: deployment, last: Self.lineCount)
                let lines = entries.flatMap { $0.message.split(whereSeparator: \.isNewline).map(String.init) }
                if !isTold { context.log(Array(lines.suffix(Self.lineCount)), from: type.rawValue) }
                last = Self.tellingLine(lines) ?? last
            } catch let error as ControlPlaneError {
                context.warn("the \(type.rawValue) log of revision \(revision) cannot be read: \(error.message)")
            }
        }
        return last
    }
}
