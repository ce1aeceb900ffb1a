import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Reads a resource of the control plane again and again while it is watched, and tells what the control plane
/// confirmed from what hides it (docs/failures.md, rows 15, 18, 24 and 25).
struct ResourceReader<Resource: Sendable>: Sendable {
    enum Reading: Sendable {
        case found(Resource)
        /// Nothing is known now, because of an outage or of a refusal that is not confirmed yet.
        case unavailable
        /// The control plane refused every read for long enough.
        case refused(ControlPlaneError)
    }

    private let client: ControlPlaneClient
    private let context: StepContext
    private let fetch: @Sendable (ControlPlaneClient) async throws -> Resource
    /// Until then, "not found" may only mean that reads lag behind the request that made the resource.
    private let lagEnd: MonotonicInstant
    private var wasFound = false
    private var isUnreachable = false
    private var refusal: RepeatedRefusal

    /// - Parameter lag: how long a resource that was just made may not be found.
    init(
        client: ControlPlaneClient, context: StepContext, lag: Duration = .zero,
        fetch: @escaping @Sendable (ControlPlaneClient) async throws -> Resource
    ) {
        self.client = client
        self.context = context
        self.fetch = fetch
        refusal = RepeatedRefusal(client: client, context: context)
        lagEnd = context.clock.now.advanced(by: lag)
    }

    /// The pause before the next read while a refusal is being confirmed; nil when the reader has no wish.
    var pause: Duration? { refusal.pause }

    /// Throws only `CancellationError` and errors that are not the control plane's.
    mutating func read() async throws -> Reading {
        refusal.prepareRead()
        do {
            let resource = try await fetch(client.with(deadline: context.readDeadline))
            (wasFound, isUnreachable) = (true, false)
            refusal.readSucceeded()
            return .found(resource)
        } catch let error as ControlPlaneError {
            return error.isOutage ? unreachable(error) : refused(error)
        }
    }

    private mutating func unreachable(_ error: ControlPlaneError) -> Reading {
        if !isUnreachable { context.warn("control plane unreachable, retrying: \(error.message)") }
        isUnreachable = true
        return .unavailable
    }

    private mutating func refused(_ error: ControlPlaneError) -> Reading {
        if error.kind == .notFound, !wasFound, context.clock.now < lagEnd { return .unavailable }
        return refusal.isConfirmed(by: error) ? .refused(error) : .unavailable
    }
}

extension ResourceReader where Resource == Revision {
    /// A revision that was just created may not be found for 30 s.
    static func revision(
        _ id: RevisionID, of deployment: DeploymentID, client: ControlPlaneClient, context: StepContext
    ) -> ResourceReader {
        ResourceReader(client: client, context: context, lag: .seconds(30)) {
            try await $0.revision(id, of: deployment)
        }
    }
}

extension ResourceReader where Resource == Deployment {
    static func deployment(
        _ id: DeploymentID, client: ControlPlaneClient, context: StepContext
    ) -> ResourceReader {
        ResourceReader(client: client, context: context) { try await $0.deployment(id) }
    }
}

extension StepFailure {
    /// What a confirmed refusal means for a step that watches `deployment`; `subject` is what it waited for.
    static func refused(
        _ error: ControlPlaneError, waitingFor subject: String, in deployment: DeploymentID
    ) -> StepFailure {
        switch error.kind {
        case .unauthorised:
            StepFailure(
                .notAuthorised, code: "KeyRefusedMeanwhile",
                "the key is no longer accepted while waiting for \(subject): \(error.message)",
                hint: "the revision may still go live: run slipway status with a valid key")
        case .notFound:
            StepFailure(
                .failed, code: "DeploymentDeleted",
                "deployment \(deployment) was deleted while waiting for \(subject)",
                hint: "find out who deleted it; nothing was created or rolled back")
        default:
            StepFailure(
                .timedOut, code: "OutcomeUnknown",
                "the control plane refuses to be read while waiting for \(subject): \(error.message)",
                hint: "the revision may still go live: run slipway status \(deployment)")
        }
    }
}
