package import ControlPlane
package import ControlPlaneTypes
package import Engine

/// Redeploys one revision by hand without waiting for it, under the lock and the rules of a rollback
/// (docs/failures.md, rows 22 and 33).
package struct RevisionRedeploy: Sendable {
    private let client: ControlPlaneClient
    private let deployment: DeploymentID
    private let revision: RevisionID
    private let context: StepContext
    private var situation: RollbackDecision.Situation

    /// Reads the deployment as it is when the user decides; what is newer later belongs to somebody else.
    ///
    /// Throws `ControlPlaneError`.
    package init(
        _ revision: RevisionID, of deployment: DeploymentID, force: Bool, client: ControlPlaneClient,
        context: StepContext
    ) async throws {
        self.client = client.withoutRepeatedChanges()
        self.deployment = deployment
        self.revision = revision
        self.context = context
        situation = RollbackDecision.Situation(target: revision)
        situation.force = force
        let before = try await DeploymentReader(client: client).snapshot(name: nil, id: deployment.rawValue)
        situation.previous = before?.deployment.activeRevisionID
        situation.known = before.map { Set($0.revisions.map(\.id)) }
    }

    /// The revision to wait for: a new one where the control plane makes one, else the same one again.
    ///
    /// Throws `StepFailure` (busy) while another run holds the lock, or when a newer revision of somebody else may go
    /// live.
    package func send() async throws -> RevisionID {
        try await explainingFailures(in: context) {
            try await context.lock(deployment)
            var request = RedeployRequest(
                client: client, context: context, deployment: deployment, situation: situation,
                recordLive: { _ in }, announcement: { _ in })
            switch try await ChangeSender(context: context).send(&request) {
            case .revision(let made, _): return made
            case .left(let reason):
                throw StepFailure(.busy, code: "ChangedMeanwhile", "cannot redeploy revision \(revision): \(reason)")
            }
        }
    }
}
