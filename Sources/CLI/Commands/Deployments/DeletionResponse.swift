import ControlPlaneTypes

/// What a control plane says about the deletion of several deployments; the form of it is not published.
struct DeletionResponse: Sendable {
    let answer: RawJSON?

    private static let keys = ["error", "detail", "reason", "message", "msg"]

    /// Why a deployment was not deleted: what stands beside its id, or under it.
    func reason(for id: DeploymentID) -> String? {
        answer.flatMap { Self.reason(for: id.rawValue, in: $0) }
    }

    private static func reason(for id: String, in value: RawJSON) -> String? {
        if let elements = value.elements { return elements.lazy.compactMap { reason(for: id, in: $0) }.first }
        guard let members = value.members else { return nil }
        if members.contains(where: { $0.value.text == id }) { return text(of: value) }
        if let below = value[id] { return below.text ?? text(of: below) }
        return members.lazy.compactMap { reason(for: id, in: $0.value) }.first
    }

    private static func text(of object: RawJSON) -> String? {
        keys.lazy.compactMap { object[$0]?.text }.first
    }
}
