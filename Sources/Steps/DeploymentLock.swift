import ControlPlaneTypes
import Engine

extension StepContext {
    /// Acquires the lock on a deployment by its id, which is the same however a workflow names the deployment and its
    /// control plane. It comes after the lock of the job, so that two runs never wait for each other.
    ///
    /// Returns whether another run held it. Throws `StepFailure` (busy) if it holds it until the deadline.
    @discardableResult
    func lock(_ deployment: DeploymentID) async throws -> Bool {
        try await acquireLock("deployment \(deployment)")
    }
}
