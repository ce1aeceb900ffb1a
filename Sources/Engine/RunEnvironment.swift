import Clocks

/// What a run works with; the workflows that its steps use work with the same.
struct RunEnvironment: Sendable {
    let registry: StepRegistry
    let facts: RunContext
    let clock: any RunClock
    let locks: RunLocks
    /// Recorded whenever a step ends.
    let closingEvents: @Sendable () -> [any EventPayload]
}

/// What bounds a loop from outside; nothing does for a run as a whole.
struct RunBounds: Sendable {
    /// No job has more time than this, as long as nothing went wrong in it.
    var deadline: MonotonicInstant?
    /// Set when all of it cleans up after the order to stop, in what is left of the grace.
    var cancelledAt: MonotonicInstant?
    /// The locks that those around it hold already.
    var heldLocks: Set<String> = []
    /// The order to stop the run; nil where the loop's own order is that one.
    var runOrder: RunCancellation?
}
