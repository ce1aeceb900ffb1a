import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Waits until the deployment names a revision as the one that serves (docs/failures.md, row 27).
struct LiveRevisionCheck: Sendable {
    /// From the first answer on: not to get one says nothing.
    static let patience: Duration = .seconds(60)
    static let pause: Duration = .seconds(2)

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID

    /// The deployment as it was when one of `revisions` served, or as it still is when the patience is over.
    ///
    /// Throws `StepFailure` when the plane cannot be read until the deadline.
    func wait(for revisions: [RevisionID]) async throws -> Deployment {
        var end: MonotonicInstant?
        var refusals = 0
        while true {
            if let seen = try await look(&refusals) {
                let patience = end ?? context.clock.now.advanced(by: Self.patience)
                end = patience
                let serves = seen.activeRevisionID.map(revisions.contains) ?? false
                if serves || context.clock.now >= patience || context.isOver { return seen }
            }
            let next = context.clock.now.advanced(by: Self.pause)
            try await context.clock.sleep(until: [next, end, context.deadline].compactMap(\.self).min() ?? next)
        }
    }

    /// Nil when the plane could not be read now.
    private func look(_ refusals: inout Int) async throws -> Deployment? {
        do {
            return try await client.with(deadline: context.lookDeadline).deployment(deployment)
        } catch let error as ControlPlaneError
            where error.kind == .unauthorised && refusals < RevisionReader.keyTries - 1
        {
            if context.takeUpNewKey(of: client) {
                refusals = 0
                return nil
            }
            refusals += 1
            try await context.clock.sleep(for: RevisionReader.keyPause)
            if context.takeUpNewKey(of: client) { refusals = 0 }
            return nil
        } catch let error as ControlPlaneError where error.isOutage {
            guard context.deadline == nil || context.isOver else { return nil }
            throw StepFailure(
                .timedOut, code: "OutcomeUnknown", "it cannot be seen what serves: \(error.message)",
                hint: "see what serves with slipway status \(deployment)")
        }
    }
}

extension StepContext {
    /// A look that begins at the deadline may take this long: a machine that slept looks once before it gives up
    /// (docs/failures.md, row 42).
    private static let lastLook: Duration = .seconds(3)

    var isOver: Bool { deadline.map { clock.now >= $0 } ?? false }

    /// When a read of the plane has to end.
    var lookDeadline: MonotonicInstant? {
        deadline.map { max($0, clock.now.advanced(by: Self.lastLook)) }
    }
}
