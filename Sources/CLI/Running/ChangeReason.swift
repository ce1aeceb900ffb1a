import ControlPlaneTypes
import Engine
import Redaction
import Steps

/// The reason of a rollback or deletion, and whether `.slipway.yml` requires one.
struct ChangeReason: Sendable {
    /// What requires it; nil if nothing does.
    let requirement: ProjectSettings.Setting<Bool>?
    /// For messages: `to roll back my-agent`.
    let purpose: String

    /// - Parameter deployments: names or IDs, as they were given.
    init(for deployments: [String], _ verb: String, _ settings: ProjectSettings) {
        let required = deployments.compactMap { text in
            settings.reasonRequirement(for: text, isID: DeploymentID(text).isUUID).map { (text, $0) }
        }
        requirement = required.first?.1
        purpose = "\(verb) \(required.first?.0 ?? deployments.joined(separator: ", "))"
    }

    /// The reason without surrounding whitespace; nil for none.
    ///
    /// Throws `StepFailure` (usage) if it is required and nobody can be asked for it.
    func given(_ text: String?, canAsk: Bool) throws(StepFailure) -> String? {
        let reason = text.map(\.trimmingWhitespace).flatMap { $0.isBlank ? nil : $0 }
        guard reason == nil, let requirement, !canAsk else { return reason }
        throw missing(requirement)
    }

    /// Asks on a terminal. Throws `StepFailure` (usage) if it is required and the answer is empty.
    func ask(_ answer: (_ question: String) -> String?) throws(StepFailure) -> String? {
        let text =
            answer("Reason (\(requirement == nil ? "empty for none" : "required")): ").map(\.trimmingWhitespace)
            ?? ""
        guard text.isBlank else { return text }
        if let requirement { throw missing(requirement) }
        return nil
    }

    private func missing(_ requirement: ProjectSettings.Setting<Bool>) -> StepFailure {
        StepFailure(
            .usage, code: "ReasonRequired", "a reason is required \(purpose) (\(requirement.source))",
            hint: "pass --reason TEXT")
    }
}
