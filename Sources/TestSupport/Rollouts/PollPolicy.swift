package import ControlPlaneTypes

/// A way to decide when to look at a rollout again; all times in seconds.
package struct PollPolicy: Sendable {
    /// What the policy knows after some look, or, with a `number` of 0, before the first.
    package struct Look: Sendable {
        package let number: Int
        package let status: RevisionStatus
        package let age: Double
        /// Since a look first found it queued or built, or else deploying.
        package let timeInPhase: Double
    }

    package typealias Wait = @Sendable (Look) -> Double

    package let name: String
    /// Begins to watch one rollout: what it returns gives the wait after each look.
    package let watch: @Sendable (SimulatedRollout) -> Wait

    package init(name: String, watch: @escaping @Sendable (SimulatedRollout) -> Wait) {
        self.name = name
        self.watch = watch
    }
}
