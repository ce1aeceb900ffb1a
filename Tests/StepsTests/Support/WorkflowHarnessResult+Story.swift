import Simulation
import Testing

extension WorkflowHarnessResult {
    /// For a test that fails.
    var story: Comment { "\(summary)" }
}
