import Clocks
import ControlPlane
package import ControlPlaneTypes
import Engine
import FoundationEssentials
import WorkflowModel

/// The moment at which no other revision is in progress: waits for it, and reads once more just before ours is sent
/// (docs/failures.md, rows 12 and 23).
struct RevisionSlot: Sendable {
    enum Ending: Sendable {
        case clear
        /// A revision of another deploy that matches.
        case takeUp(RevisionID)
    }

    /// A read this young counts as one just before the request.
    static let freshness: Duration = .seconds(2)
    static let pause: Duration = .seconds(5)
    /// For a step without a timeout.
    static let patience: Duration = .seconds(1800)

    let client: ControlPlaneClient
    let context: StepContext
    let plan: DeployPlan
    let services: StepServices
    /// The revisions that existed at the last read.
    private(set) var known: Set<RevisionID>
    /// The revision that was live then.
    private(set) var previous: RevisionID?
    private var clearAt: MonotonicInstant?

    init(client: ControlPlaneClient, context: StepContext, plan: DeployPlan, services: StepServices) {
        self.client = client
        self.context = context
        self.plan = plan
        self.services = services
        known = Set(plan.knownRevisions.map { RevisionID($0) })
        previous = plan.previousRevisionID.map { RevisionID($0) }
        // Between two steps only the wall clock is common; one that jumped costs a look.
        if let readAt = plan.idleAt.flatMap({ Timestamp(text: $0).date }),
            case let age = context.clock.date.timeIntervalSince(readAt), age >= 0
        {
            clearAt = context.clock.now.advanced(by: .zero - .seconds(age))
        }
    }

    /// Throws `StepFailure` when the deadline passes first, and when ours is outdated by then.
    mutating func take(in deployment: DeploymentID) async throws -> Ending {
        if let clearAt, clearAt.duration(to: context.clock.now) <= Self.freshness { return .clear }
        return try await lookAgain(at: deployment)
    }

    /// As `take`, however young the last read is.
    mutating func lookAgain(at deployment: DeploymentID) async throws -> Ending {
        let end = context.deadline ?? context.clock.now.advanced(by: Self.patience)
        var announced: RevisionID?
        while true {
            let reader = DeploymentReader(client: client.with(deadline: context.readDeadline))
            guard let now = try await reader.snapshot(name: nil, id: deployment.rawValue)
            else { return .clear }
            take(in: now)
            switch await decide(now) {
            case .clear:
                clearAt = context.clock.now
                return .clear
            case .takeUp(let id):
                context.note("revision \(id) of this commit exists now: waiting for it")
                return .takeUp(id)
            case .outdated(let id, let commit): throw outdated(id, commit, now)
            case .wait(let id) where !plan.waits:
                context.warn("revision \(id) is in progress: the new revision is queued behind it")
                clearAt = context.clock.now
                return .clear
            case .wait(let id):
                if announced != id { announce(id, now) }
                announced = id
                guard context.clock.now < end else { throw Self.busy("revision \(id) is still in progress", plan) }
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

    static func busy(_ why: String, _ plan: DeployPlan) -> StepFailure {
        StepFailure(
            .busy, code: "DeploymentBusy", "deployment '\(plan.deployment)' is busy: \(why)",
            hint: "nothing was changed; run slipway status to see what is in progress, then deploy again, or allow "
                + "more time with --timeout")
    }

    private func decide(_ now: DeploymentSnapshot) async -> SlotDecision {
        let basis = SlotDecision.Basis(
            desired: plan.desired, previous: plan.previousRevisionID.map { RevisionID($0) }, force: plan.force)
        let uploads = services.uploads.entries()
        let ancestry = AncestryReader(directory: plan.directory)
        var newer: Set<String> = []
        for commit in SlotDecision.replacedCommits(basis, now: now, uploads: uploads)
        where await ancestry.isAncestor(plan.sha, of: commit) == true {
            newer.insert(commit)
        }
        return SlotDecision.decide(basis, now: now, uploads: uploads, newer: newer)
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
            "revision \(id)\(commit ?? "") is in progress (\(revision?.status.rawValue ?? "")): waiting for it")
    }

    private func outdated(_ id: RevisionID, _ commit: String, _ now: DeploymentSnapshot) -> StepFailure {
        guard let revision = now.revisions.first(where: { $0.id == id }) else {
            return Self.busy("revision \(id) was created in the meantime", plan)
        }
        return .outdated(plan.sha, by: commit, revision)
    }
}

/// Whether our revision may be sent now, after what has become of the deployment since the plan was made: a pure
/// decision (docs/failures.md, rows 12 and 23).
package enum SlotDecision: Sendable, Equatable {
    case clear
    /// Somebody has made what is wanted.
    case takeUp(RevisionID)
    /// Somebody's revision holds the deployment's one slot.
    case wait(RevisionID)
    /// The newest revision is built from `commit`, which contains ours.
    case outdated(RevisionID, commit: String)

    /// What the deploy was planned on.
    package struct Basis: Sendable {
        package var desired: DesiredRevision
        /// What was live then.
        package var previous: RevisionID?
        /// Whether to deploy over the same commit and newer ones.
        package var force: Bool

        package init(desired: DesiredRevision, previous: RevisionID?, force: Bool) {
            self.desired = desired
            self.previous = previous
            self.force = force
        }
    }

    /// `newer` are the commits that contain the desired one.
    package static func decide(
        _ basis: Basis, now: DeploymentSnapshot, uploads: UploadIndex.Entries, newer: Set<String>
    ) -> SlotDecision {
        for revision in rivals(basis, now) {
            if basis.desired.isMade(by: revision, uploads: uploads) { return .takeUp(revision.id) }
            guard let commit = revision.builtCommit(uploads: uploads), commit != basis.desired.sha else { continue }
            if newer.contains(commit) { return .outdated(revision.id, commit: commit) }
        }
        return now.underWay.first.map { .wait($0.id) } ?? .clear
    }

    /// The commits that a new revision would replace: whether they contain the desired one has to be known.
    package static func replacedCommits(
        _ basis: Basis, now: DeploymentSnapshot, uploads: UploadIndex.Entries
    ) -> [String] {
        rivals(basis, now).compactMap { $0.builtCommit(uploads: uploads) }.filter { $0 != basis.desired.sha }
    }

    /// The newest revision in progress, and the live one unless it was live before.
    private static func rivals(_ basis: Basis, _ now: DeploymentSnapshot) -> [Revision] {
        guard !basis.force else { return [] }
        let goneLive = now.active.flatMap { $0.id == basis.previous ? nil : $0 }
        return now.underWay.prefix(1) + [goneLive].compactMap(\.self)
    }
}
