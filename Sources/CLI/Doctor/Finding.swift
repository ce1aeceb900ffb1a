import Engine

/// What one check of `slipway doctor` found out.
struct Finding: Sendable, Equatable {
    enum Check: String, CaseIterable, Sendable {
        case state, ci, repository, localPlane, controlPlane, key, workspace, integration

        var title: String {
            switch self {
            case .state: "state folder"
            case .ci: "CI"
            case .repository: "repository"
            case .localPlane: "local control plane"
            case .controlPlane: "control plane"
            case .key: "API key"
            case .workspace: "workspace"
            case .integration: "GitHub integration"
            }
        }
    }

    enum Health: Sendable, Equatable {
        case good
        /// Some things do not work, but a deploy may.
        case warning
        /// With the code that a deploy would end with.
        case bad(Verdict)
        /// Could not be looked at, because of what is bad above it.
        case skipped
    }

    var check: Check
    var health: Health
    var detail: String
    var hint: String?

    static func good(_ check: Check, _ detail: String) -> Finding {
        Finding(check: check, health: .good, detail: detail)
    }

    static func warning(_ check: Check, _ detail: String, hint: String) -> Finding {
        Finding(check: check, health: .warning, detail: detail, hint: hint)
    }

    static func bad(_ check: Check, _ failure: StepFailure) -> Finding {
        Finding(check: check, health: .bad(failure.verdict), detail: failure.message, hint: failure.hint)
    }

    static func skipped(_ check: Check, _ why: String) -> Finding {
        Finding(check: check, health: .skipped, detail: why)
    }
}
