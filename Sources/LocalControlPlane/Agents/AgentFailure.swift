/// Why a commit did not become a running agent.
package struct AgentFailure: Error, Sendable, CustomStringConvertible {
    /// The step of a revision's life that failed; it decides between BUILD_FAILED and DEPLOY_FAILED.
    package enum Phase: String, Sendable {
        case build, deploy
    }

    package let phase: Phase
    package let message: String
    package let hint: String?
    /// What the command or the agent wrote last, oldest first.
    package let lastLines: [String]

    package init(phase: Phase, message: String, hint: String? = nil, lastLines: [String] = []) {
        self.phase = phase
        self.message = message
        self.hint = hint
        self.lastLines = lastLines
    }

    package var description: String {
        [message, hint.map { "hint: " + $0 }].compactMap(\.self).joined(separator: "\n")
    }
}

extension AgentFailure {
    /// Enough for a Python traceback.
    static let mostLastLines = 30
}
