import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import WorkflowModel

/// Our turn to make a revision: waits while somebody else's is under way, and looks once more just before ours is sent
/// (docs/failures.md, rows 12 and 23).
struct RevisionSlot: Sendable {
    enum Ending: Sendable {
        case clear
        /// A revision of somebody else that is what we want.
        case takeUp(RevisionID)
    }

    /// A look this young counts as one just before the request.
    static let freshness: Duration = .seconds(2)
    static let pause: Duration = .seconds(5)
    /// For a step without a limit of its own.
    static let patience: Duration = .seconds(1800)

    let client: ControlPlaneClient
    let context: StepContext
    let request: ChangeRequest
    let services: StepServices
    /// The revisions that were there at the last look.
    private(set) var known: Set<RevisionID>
    private var previous: RevisionID?
    private var clearAt: MonotonicInstant?

    init(client: ControlPlaneClient, context: StepContext, request: ChangeRequest, services: StepServices) {
        self.client = client
        self.context = context
        self.request = request
        self.services = services
        known = request.known
        previous = request.previous
        // Between two steps only the wall clock is common; one that jumped costs a look.
        if let age = request.clearAt.map({ context.clock.date.timeIntervalSince($0) }), age >= 0 {
            clearAt = context.clock.now.advanced(by: .zero - .seconds(age))
        }
    }

    /// Throws `StepFailure` when the time is over before it is our turn, and when ours is outdated by then.
    mutating func take(in deployment: DeploymentID) async throws -> Ending {
        if let clearAt, clearAt.duration(to: context.clock.now) <= Self.freshness { return .clear }
        return try await lookAgain(at: deployment)
    }

    /// As `take`, however young the last look is.
    mutating func lookAgain(at deployment: DeploymentID) async throws -> Ending {
        let end = context.deadline ?? context.clock.now.advanced(by: Self.patience)
        var announced: RevisionID?
        while true {
            let reader = DeploymentReader(client: client.with(deadline: context.lookDeadline))
            guard let now = try await reader.snapshot(name: nil, id: deployment.rawValue)
            else { return .clear }
            take(in: now)
            switch await decide(now) {
            case .clear:
                clearAt = context.clock.now
                return .clear
            case .takeUp(let id):
                context.note("revision \(id) of this commit is there by now: watching it")
                return .takeUp(id)
            case .outdated(let id, let commit): throw outdated(id, commit, now)
            case .wait(let id) where !request.waitsForTurn:
                context.warn("revision \(id) is under way: ours is queued behind it")
                clearAt = context.clock.now
                return .clear
            case .wait(let id):
                if announced != id { announce(id, now) }
                announced = id
                guard context.clock.now < end else { throw Self.busy("revision \(id) is still under way", request) }
                let next = context.clock.now.advanced(by: Self.pause)
                try await context.clock.sleep(until: min(next, end))
            }
        }
    }

    /// Pauses before another try; false when there is no time for one.
    func pauseBeforeAnotherTry() async throws -> Bool {
        let next = context.clock.now.advanced(by: Self.pause)
        if let deadline = context.deadline, next >= deadline { return false }
        try await context.clock.sleep(until: next)
        return true
    }

    static func busy(_ why: String, _ request: ChangeRequest) -> StepFailure {
        StepFailure(
            .busy, code: "DeploymentBusy", "deployment '\(request.name)' takes no new revision: \(why)",
            hint: "nothing was changed; see what is under way with slipway status, then deploy again, or give more "
                + "time with --timeout")
    }

    private func decide(_ now: DeploymentSnapshot) async -> SlotDecision {
        let ancestry = AncestryReader(directory: request.directory)
        return await SlotDecision.decide(
            .init(wanted: request.wanted, previous: request.previous, force: request.force), now: now,
            uploads: services.uploads.entries(),
            descends: { await ancestry.isAncestor(request.sha, of: $0) })
    }

    private mutating func take(in now: DeploymentSnapshot) {
        known.formUnion(now.revisions.map(\.id))
        guard now.deployment.activeRevisionID != previous else { return }
        previous = now.deployment.activeRevisionID
        context.output("previous-revision-id", .init(previous?.rawValue))
        context.record(services.fact(now))
    }

    private func announce(_ id: RevisionID, _ now: DeploymentSnapshot) {
        let revision = now.revisions.first { $0.id == id }
        let commit = revision?.builtCommit(uploads: services.uploads.entries()).map { " of commit \($0.prefix(12))" }
        context.note(
            "revision \(id)\(commit ?? "") is under way (\(revision?.status.rawValue ?? "")): waiting for its end")
    }

    private func outdated(_ id: RevisionID, _ commit: String, _ now: DeploymentSnapshot) -> StepFailure {
        guard let revision = now.revisions.first(where: { $0.id == id }) else {
            return Self.busy("revision \(id) came in between", request)
        }
        return .outdated(request.sha, by: commit, revision)
    }
}
