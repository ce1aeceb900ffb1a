import Clocks
import Engine

/// The verdict of a run in one line.
struct Headline {
    private let summary: RunSummary
    private let clean: UntrustedText

    init(_ summary: RunSummary, clean: UntrustedText) {
        self.summary = summary
        self.clean = clean
    }

    var text: String {
        switch summary.verdict {
        case .success: success
        case .changesPending: "changes pending: \(workflow) would change something"
        case .failed: "FAILED: \(cause); \(rollback)"
        case .rollbackFailed: "FAILED: \(cause); the rollback failed too, a person is needed"
        case .superseded: "SUPERSEDED: \(cause)"
        case .commitMismatch: "WRONG COMMIT: \(cause); \(rollback)"
        case .timedOut: "TIMED OUT: \(cause); the state is unknown, the deploy may go on"
        case .interrupted, .terminated: "STOPPED: \(summary.verdict?.meaning ?? ""); \(leftBehind)"
        case .none: "UNFINISHED: \(workflow) was cut off; \(leftBehind)"
        default: "ERROR: \(cause)"
        }
    }

    private var success: String {
        let took = "in \(summary.duration.brief)"
        if let rolledBack = summary.rollback, rolledBack.result == .success {
            return "rolled back \(deployment) to \(name(of: rolledBack.toRevisionID)) \(took)"
        }
        guard let revision = summary.revision else {
            guard summary.deployment != nil, let commit else { return "\(workflow) succeeded \(took)" }
            return liveAlready(commit)
        }
        if revision.id == summary.previousRevisionID {
            return liveAlready(commit ?? "revision \(clean.line(revision.id))")
        }
        guard revision.status == "DEPLOYED" else {
            let status = revision.status.map { ", now \(clean.line($0))" } ?? ""
            return "started revision \(clean.line(revision.id)) of \(deployment)\(status)"
        }
        return "deployed \(commit ?? "revision \(clean.line(revision.id))") to \(deployment) \(took)"
    }

    private func liveAlready(_ what: String) -> String {
        "\(what) is live already on \(deployment), nothing to do"
    }

    private var cause: String {
        clean.line(summary.primaryFailure?.failure.message ?? summary.verdict?.meaning ?? "no reason is known")
    }

    private var rollback: String {
        guard let rollback = summary.rollback else { return "nothing was rolled back" }
        guard rollback.attempted else {
            return "nothing was rolled back" + (rollback.reason.map { " (\(clean.line($0)))" } ?? "")
        }
        switch rollback.result {
        case .success: return "rolled back to \(name(of: rollback.toRevisionID))"
        case .none: return "the rollback to \(name(of: rollback.toRevisionID)) did not end"
        case .some(let result): return "the rollback ended in \(result.rawValue)"
        }
    }

    private var leftBehind: String {
        guard let revision = summary.rollbackRevision ?? summary.revision else {
            return summary.hasIntendedChange
                ? "a change was asked for, and whether it was made is not known" : "no revision was made"
        }
        let id = clean.line(revision.id)
        guard let status = revision.status.map({ clean.line($0) }) else { return "revision \(id) was made" }
        return "revision \(id) is \(revision.isSettled ? status : "still " + status)"
    }

    private var workflow: String { "workflow '\(clean.line(summary.workflow ?? "?"))'" }

    private var deployment: String { clean.line(summary.deployment?.name ?? "the deployment") }

    /// As git abbreviates it.
    private var commit: String? { summary.commit.map { clean.line(String($0.sha.prefix(7))) } }

    private func name(of revision: String?) -> String {
        revision.map { "revision \(clean.line($0))" } ?? "the revision before"
    }
}
