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
    package let flags: String
    /// The assignment of a variable in front of the command, with a blank behind it.
    private let assignment: String

    package init(flags: String, assignment: String = "") {
        self.flags = flags
        self.assignment = assignment
    }

    package func runnable(_ text: String) -> String {
        guard !flags.isEmpty, text.contains("slipway ") else { return text }
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: "slipway ") {
            result += rest[..<found.lowerBound]
            rest = rest[found.upperBound...]
            let name = Self.names.first { Self.starts(rest, with: $0) }
            let isReady = name.map { Self.hasFlags(rest.dropFirst($0.count)) } ?? true
            result += (isReady ? "" : assignment) + "slipway " + (name ?? "") + (isReady ? "" : flags)
            rest = rest.dropFirst(name?.count ?? 0)
        }
        return result + rest
    }

    /// What follows the name of a command that was made runnable before.
    private static func hasFlags(_ rest: Substring) -> Bool {
        rest.hasPrefix(" --control-plane") || rest.hasPrefix(" --tenant-id")
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
}
