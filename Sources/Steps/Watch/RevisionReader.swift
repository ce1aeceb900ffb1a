import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Redaction

/// Reads a revision again and again, and tells an answer from an outage
/// (docs/failures.md, rows 15, 18, 24 and 25).
struct RevisionReader: Sendable {
    /// Reads may lag behind the write that made the revision.
    static let newRevisionGrace: Duration = .seconds(30)
    /// A deployment is gone when it was not found this often, over 10 s.
    static let confirmations = 3
    static let confirmationPause: Duration = .seconds(5)
    /// A key may be refused for a moment by one of many servers: tries over 30 s.
    static let keyTries = 3
    static let keyPause: Duration = .seconds(15)

    enum Look: Sendable {
        case seen(Revision)
        case notThereYet
        case gone(StepFailure)
        /// The control plane could not be read until the deadline.
        case lost
    }

    private let watcher: RevisionWatcher
    private let start: MonotonicInstant
    private var wasSeen = false
    private var refusals = 0

    init(watcher: RevisionWatcher) {
        self.watcher = watcher
        start = watcher.context.clock.now
    }

    private var clock: any RunClock { watcher.context.clock }
    private var client: ControlPlaneClient { watcher.client.with(deadline: watcher.context.lookDeadline) }

    /// Throws `StepFailure` when the key is refused for good, and what the control plane refuses otherwise.
    mutating func look() async throws -> Look {
        do {
            let revision = try await client.revision(watcher.revision, of: watcher.deployment)
            wasSeen = true
            refusals = 0
            return .seen(revision)
        } catch let error as ControlPlaneError where error.kind == .notFound {
            return try await notFound(error)
        } catch let error as ControlPlaneError {
            return try await unseen(error)
        }
    }

    private mutating func unseen(_ error: ControlPlaneError) async throws -> Look {
        if error.kind == .unauthorised { return try await refused(error) }
        guard error.isOutage else { throw error }
        if watcher.context.isOver { return .lost }
        watcher.context.warn("control plane unreachable, retrying: \(error.message)")
        return .notThereYet
    }

    private mutating func notFound(_ error: ControlPlaneError) async throws -> Look {
        if !wasSeen && start.duration(to: clock.now) < Self.newRevisionGrace { return .notThereYet }
        do {
            for _ in 1..<Self.confirmations {
                try await clock.sleep(for: Self.confirmationPause)
                do {
                    return .seen(try await client.revision(watcher.revision, of: watcher.deployment))
                } catch let again as ControlPlaneError where again.kind == .notFound {
                    continue
                }
            }
            return .gone(try await explainGone(error))
        } catch let error as ControlPlaneError {
            // Neither confirmed nor denied: the next read starts over.
            return try await unseen(error)
        }
    }

    private func explainGone(_ error: ControlPlaneError) async throws -> StepFailure {
        do {
            _ = try await client.deployment(watcher.deployment)
            return StepFailure(
                .failed, code: "RevisionGone", "revision \(watcher.revision) is gone: \(error.message)",
                hint: "run slipway status to see what is live")
        } catch let deploymentError as ControlPlaneError where deploymentError.kind == .notFound {
            return StepFailure(
                .failed, code: "DeploymentDeleted",
                "deployment \(watcher.deployment) was deleted while its revision \(watcher.revision) was in progress",
                hint: "find out who deleted it; nothing was created or rolled back")
        }
    }

    private mutating func refused(_ error: ControlPlaneError) async throws -> Look {
        if takeUpNewKey() { return .notThereYet }
        refusals += 1
        guard refusals < Self.keyTries else {
            throw StepFailure(
                .notAuthorised, code: "KeyRefusedMeanwhile",
                "the key is no longer accepted while waiting for revision \(watcher.revision): \(error.message)",
                hint: "the revision may still go live: run slipway status with a valid key")
        }
        watcher.context.warn("the key was refused (\(refusals) of \(Self.keyTries) times): \(error.message)")
        try await clock.sleep(for: Self.keyPause)
        _ = takeUpNewKey()
        return .notThereYet
    }

    private mutating func takeUpNewKey() -> Bool {
        guard watcher.context.takeUpNewKey(of: client) else { return false }
        refusals = 0
        return true
    }
}

extension StepContext {
    /// Whether the file that the key comes from holds another one by now, which is used from now on.
    func takeUpNewKey(of client: ControlPlaneClient) -> Bool {
        guard let key = client.renewKey() else { return false }
        registerSecret(key.reveal(), named: client.keySource)
        note("the key was refused, but \(client.keySource) has a new one: using it")
        return true
    }
}
