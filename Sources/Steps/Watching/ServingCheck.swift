import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Waits until the deployment names a revision as the one that serves (docs/failures.md, row 27).
struct ServingCheck: Sendable {
    static let patience: Duration = .seconds(60)
    static let pause: Duration = .seconds(2)

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID

    /// The deployment as it was when `revision` served, or as it still is when the patience is over.
    func wait(for revision: RevisionID) async throws -> Deployment {
        let patience = context.clock.now.advanced(by: Self.patience)
        let deadline = context.deadline.map { min($0, patience) } ?? patience
        while true {
            let seen = try await client.with(deadline: patience).deployment(deployment)
            if seen.activeRevisionID == revision || context.clock.now >= deadline { return seen }
            try await context.clock.sleep(until: min(deadline, context.clock.now.advanced(by: Self.pause)))
        }
    }
}
