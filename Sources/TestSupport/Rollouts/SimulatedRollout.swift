package import ControlPlaneTypes

/// One revision's way to its end, in seconds since it was made, and what its deployment's earlier ones took.
package struct SimulatedRollout: Sendable {
    package let buildEnd: Double
    package let end: Double
    package var pastDurations: [Double]
    private let failsInBuild: Bool

    package init(buildEnd: Double, end: Double, pastDurations: [Double] = [], failsInBuild: Bool = false) {
        self.buildEnd = buildEnd
        self.end = end
        self.pastDurations = pastDurations
        self.failsInBuild = failsInBuild
    }

    /// The same, but BUILD_FAILED when `part` (0 to 1) of the build is over.
    package func failing(after part: Double) -> SimulatedRollout {
        let failure = buildEnd * part
        return SimulatedRollout(buildEnd: failure, end: failure, pastDurations: pastDurations, failsInBuild: true)
    }

    package func status(at age: Double) -> RevisionStatus {
        if age >= end { return failsInBuild ? .buildFailed : .deployed }
        if age >= buildEnd { return age >= buildEnd + (end - buildEnd) / 10 ? .deploying : .awaitingDeploy }
        return age >= buildEnd / 10 ? .building : .queued
    }
}
