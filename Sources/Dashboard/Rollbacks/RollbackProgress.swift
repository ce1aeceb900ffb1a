import Engine
import Foundation
import Processes
import Redaction
import Reports

/// How far a rollback is, from the events of its run and the end of its process.
struct RollbackProgress: Sendable {
    enum State: Sendable, Equatable {
        case running
        case ended(Outcome)
        /// It ended before its run did.
        case lost
    }

    let ticket: RollbackTicket
    let state: State
    let summary: RunSummary
    let exitCode: Int32?
    /// Why no run was started, in the words of the command.
    let problem: CommandProblem?

    init(ticket: RollbackTicket, isRunning: Bool, exitStatus: ExitStatus?, events: Data, errors: String) {
        self.ticket = ticket
        summary = RunSummary(events: LocalRun.events(events))
        exitCode = if case .exited(let code)? = exitStatus { code } else { summary.verdict?.exitCode }
        if isRunning {
            state = .running
        } else if let verdict = summary.verdict {
            state = .ended(verdict.outcome)
        } else {
            state = exitStatus.map { $0 == .exited(0) ? .lost : .ended(.error) } ?? .lost
        }
        let hasEnded = !isRunning && summary.verdict == nil
        problem = hasEnded ? CommandProblem(errors: errors, status: exitStatus ?? .exited(-1)) : nil
    }

    var isFinished: Bool { state != .running }

    /// The verdict in one line.
    var headline: String {
        switch state {
        case .running: "Rolling back \(ticket.deployment)"
        case .ended where problem == nil:
            Self.sentence(ConsoleSummary(summary, clean: TextSanitizer(escapesCICommands: false)).result)
                .replacing(ticket.to, with: ticket.to.prefix(8))
        case .ended, .lost: "The rollback of \(ticket.deployment) ended without a verdict"
        }
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// Of the style sheet.
    var kind: String {
        switch state {
        case .running: "running"
        case .ended(let outcome): outcome.rawValue
        case .lost: "error"
        }
    }
}
