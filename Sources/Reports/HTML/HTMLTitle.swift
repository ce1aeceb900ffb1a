import Clocks
import Engine
import Redaction

/// What became of a run, short enough to be read from across the room.
struct HTMLTitle {
    let summary: RunSummary

    var text: String {
        switch summary.verdict {
        case .success where summary.hasSeveralRollouts:
            return summary.rollouts.allSatisfy(\.isLive) && hasCommit
                ? "\(commit) is live on \(summary.rollouts.count) deployments"
                : "\(workflow) succeeded on \(summary.rollouts.count) deployments"
        case .success where summary.main.rollback?.result == .success: return "\(deployment) was rolled back"
        case .success where summary.main.revision?.status == "DEPLOYED": return "\(commit) is live on \(deployment)"
        case .failed where hasCommit: return "\(commit) failed on \(deployment)\(afterwards)"
        case .commitMismatch: return "The wrong commit was built for \(deployment)\(afterwards)"
        case .rollbackFailed: return "\(commit) failed on \(deployment), and so did the rollback"
        case .superseded: return "\(commit) was superseded on \(deployment)"
        case .timedOut where hasCommit: return "\(commit) was not live on \(deployment) in time"
        case .interrupted, .terminated, .none:
            let end = summary.verdict == nil ? "was cut off" : "was stopped"
            return hasCommit ? "The deploy of \(commit) to \(deployment) \(end)" : "\(workflow) \(end)"
        default: return Headline(summary, clean: TextSanitizer(escapesCICommands: false)).text
        }
    }

    private var afterwards: String {
        guard let rollback = summary.main.rollback, rollback.attempted, rollback.result == .success else { return "" }
        return "; the version before it serves again"
    }

    private var hasCommit: Bool { summary.main.commit != nil && summary.main.deployment != nil }

    private var commit: String { summary.main.commit.map { String($0.sha.prefix(7)) } ?? "The new revision" }

    private var deployment: String { summary.main.deployment?.name ?? "the deployment" }

    private var workflow: String { "Workflow '\(summary.workflow ?? "?")'" }
}
