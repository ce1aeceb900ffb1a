package import Engine
package import FoundationEssentials

/// The way of one revision through its statuses, as the run saw it.
package struct RevisionSummary: Sendable, Equatable {
    package struct StatusPeriod: Sendable, Equatable {
        package var status: String
        package var enteredAt: Date
        /// Until the next status, or until the end of what the run saw.
        package var duration: Duration
        /// The step that was running when the status was first seen.
        package var seenBy: StepAddress?
    }

    package let id: String
    package let role: RevisionSeen.Role
    package var commitSHA: String?
    /// Empty for a revision that was made and not looked at since.
    package var timeline: [StatusPeriod]

    /// The status last seen.
    package var status: String? { timeline.last?.status }

    /// The status last seen lasted up to `date`.
    mutating func closeTimeline(at date: Date) {
        guard let last = timeline.indices.last else { return }
        timeline[last].duration = timeline[last].enteredAt.duration(to: date)
    }
}
