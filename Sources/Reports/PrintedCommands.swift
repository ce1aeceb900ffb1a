package import Engine

/// Makes the commands that hints name run as they are printed: with the control plane of this command, where the next one
/// would not find it.
package struct PrintedCommands: Sendable {
    private static let names = [
        "revisions get", "revisions list", "revisions logs", "revisions interrupt", "revisions redeploy",
        "deployments get", "deployments list", "deployments create", "deployments patch", "deployments delete",
        "listeners list", "listeners get", "integrations list", "integrations repos", "status", "logs", "rollback",
        "deploy", "plan", "doctor", "run",
    ]

    /// With a blank before them; empty if the environment selects the control plane.
    private let flags: String

    package init(flags: String) { self.flags = flags }

    package func runnable(_ text: String) -> String {
        guard !flags.isEmpty, text.contains("slipway ") else { return text }
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: "slipway ") {
            result += rest[..<found.upperBound]
            rest = rest[found.upperBound...]
            guard let name = Self.names.first(where: { Self.starts(rest, with: $0) }) else { continue }
            rest = rest.dropFirst(name.count)
            result += name + (rest.hasPrefix(" --control-plane") || rest.hasPrefix(" --tenant-id") ? "" : flags)
        }
        return result + rest
    }

    private static func starts(_ text: Substring, with name: String) -> Bool {
        guard text.hasPrefix(name) else { return false }
        guard let next = text.dropFirst(name.count).first else { return true }
        return !next.isLetter && next != "-"
    }

    package func runnable(_ failure: StepFailure) -> StepFailure {
        var failure = failure
        failure.hint = failure.hint.map(runnable)
        return failure
    }

    /// The summary with such hints, for every report.
    package func runnable(_ summary: RunSummary) -> RunSummary {
        guard !flags.isEmpty else { return summary }
        var summary = summary
        for job in summary.jobs.indices {
            summary.jobs[job].failure = summary.jobs[job].failure.map(runnable)
            for step in summary.jobs[job].steps.indices {
                summary.jobs[job].steps[step].failure = summary.jobs[job].steps[step].failure.map(runnable)
                for attempt in summary.jobs[job].steps[step].attempts.indices {
                    summary.jobs[job].steps[step].attempts[attempt].failure =
                        summary.jobs[job].steps[step].attempts[attempt].failure.map(runnable)
                }
            }
        }
        return summary
    }
}
