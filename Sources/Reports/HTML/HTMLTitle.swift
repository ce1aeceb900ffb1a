import Clocks
import Engine

/// What became of a run, short enough to be read from across the room.
struct HTMLTitle {
    let summary: RunSummary

    var text: String {
        switch summary.verdict {
        case .success where summary.rollback?.result == .success: return "\(deployment) was rolled back"
        case .success where summary.revision?.status == "DEPLOYED": return "\(commit) is live on \(deployment)"
        case .failed where hasCommit: return "\(commit) failed on \(deployment)\(afterwards)"
        case .commitMismatch: return "The wrong commit was built for \(deployment)\(afterwards)"
        case .rollbackFailed: return "\(commit) failed on \(deployment), and so did the rollback"
        case .superseded: return "\(commit) was superseded on \(deployment)"
        case .timedOut where hasCommit: return "\(commit) was not live on \(deployment) in time"
        case .interrupted, .terminated, .none:
            let end = summary.verdict == nil ? "was cut off" : "was stopped"
            return hasCommit ? "The deploy of \(commit) to \(deployment) \(end)" : "\(workflow) \(end)"
        default: return Headline(summary, clean: UntrustedText(neutralisesCommands: false)).text
        }
    }

    private var afterwards: String {
        guard let rollback = summary.rollback, rollback.attempted, rollback.result == .success else { return "" }
        return "; the version before it serves again"
    }

    private var hasCommit: Bool { summary.commit != nil && summary.deployment != nil }

    private var commit: String { summary.commit.map { String($0.sha.prefix(7)) } ?? "The new revision" }

    private var deployment: String { summary.deployment?.name ?? "the deployment" }

    private var workflow: String { "Workflow '\(summary.workflow ?? "?")'" }
}
