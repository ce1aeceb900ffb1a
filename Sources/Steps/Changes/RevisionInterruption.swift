import ControlPlane
import ControlPlaneTypes
import Engine

/// Interrupts a revision of ours that is still in progress; one that has ended, or went live, is left alone.
struct RevisionInterruption: GuardedChange {
    let client: ControlPlaneClient
    let deployment: DeploymentID
    let revision: RevisionID

    var name: String { "interrupt request" }
    var effect: String { "interrupt-revision" }
    var facts: [String: String] { ["revision": revision.rawValue] }

    /// Whether it was interrupted, by this request or an earlier one.
    func mayStill(isRepeat: Bool) async throws -> MayStill<Bool> {
        let status = try await client.revision(revision, of: deployment).status
        if status == .interrupted { return .notNeeded(true) }
        return status.isInProgress || !RevisionStatus.known.contains(status) ? .send : .notNeeded(false)
    }

    func send() async throws -> Bool {
        try await client.interrupt(revision, of: deployment)
        return true
    }

    func busy(_ why: String) -> StepFailure {
        StepFailure(
            .busy, code: "InterruptRefused", "cannot interrupt revision \(revision): \(why)",
            hint: "run slipway revisions interrupt by hand")
    }
}
