import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials

/// Looks for the revision that a change made although its answer was lost (docs/failures.md, rows 9 and 10).
struct RevisionSearch: Sendable {
    static let listed = 20
    /// How long a control plane may take to list what it has just made.
    static let listingPatience: Duration = .seconds(30)
    static let listingPause: Duration = .seconds(1)

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    /// What a hint says to do once more.
    var retry = "deploy"
    /// Tells the run what is live, where nothing that it asked for can go live any more.
    var recordLive: @Sendable (DeploymentSnapshot) -> Void = { _ in }

    /// The newest ones, newest first.
    func list() async throws -> [Revision] {
        try await context.confirmingRefusals(of: client) {
            try await client.listRevisions(of: deployment, limit: Self.listed).resources
        }
    }

    /// Reads until `find` has found the revision, or the patience ends; of several that may be it, then the one that the
    /// response named, else the oldest.
    func wait(
        answered: RevisionID?, until find: ([Revision]) -> RevisionMatcher.Finding
    ) async throws -> RevisionMatcher.Finding {
        let patience = context.clock.now.advanced(by: Self.listingPatience)
        while true {
            let finding = find(try await list())
            if case .found = finding { return finding }
            guard context.clock.now < patience else {
                guard case .undecided(let candidates) = finding else { return finding }
                let named = candidates.first { $0 == answered }
                return (named ?? candidates.last).map { .found($0) } ?? finding
            }
            try await context.clock.sleep(for: Self.listingPause)
        }
    }

    /// Nil when the change left no trace and may be sent once more. `restarted` is a revision that the change may have
    /// started again instead of making a new one.
    ///
    /// Throws `error` when nothing was seen of the second one either.
    func find(
        _ own: RevisionMatcher, restarted: RevisionID? = nil, _ reconciliation: inout Reconciliation,
        after error: ControlPlaneError
    ) async throws -> RevisionID? {
        reconciliation.lost(error)
        while true {
            let listed = try await reading(after: error) { try await list() }
            if let restarted, listed.contains(where: { $0.id == restarted && $0.status.isInProgress }) {
                return restarted
            }
            let finding = own.find(in: listed, isRepeated: reconciliation.hasResent)
            switch finding {
            case .found(let id): return id
            case .undecided(let candidates):
                let revisions = try await reading(after: error) { try await read(candidates) }
                if case .found(let id) = own.find(in: revisions, isRepeated: reconciliation.hasResent) { return id }
                try checkDeadline(error)
            case .notThere, .onlyOthers, .otherCommit:
                switch reconciliation.decide(found: false) {
                case .found, .lookAgain: break
                case .resend:
                    if case .otherCommit(let id, let commit) = finding { throw try await refMoved(id, commit, listed) }
                    return nil
                case .giveUp: throw error
                }
            }
            try await context.clock.sleep(for: Reconciliation.pause)
        }
    }

    /// A plane may tell the commit of a revision before its list does.
    private func read(_ candidates: [RevisionID]) async throws -> [Revision] {
        var revisions: [Revision] = []
        for candidate in candidates {
            revisions.append(
                try await context.confirmingRefusals(of: client) {
                    try await client.revision(candidate, of: deployment)
                })
        }
        return revisions
    }

    private func refMoved(_ id: RevisionID, _ commit: String, _ listed: [Revision]) async throws -> StepFailure {
        let live = try await BestEffortReader.deploymentAfterVerdict(deployment, client: client, clock: context.clock)
        if let live { recordLive(DeploymentSnapshot(deployment: live, revisions: listed)) }
        return StepFailure(
            .superseded, code: "RefMoved",
            "the response was lost, and revision \(id), created in the meantime, is built from commit "
                + "\(commit.prefix(12)) of the same branch" + (live?.liveClause ?? ""),
            hint: "run slipway status to see what is in progress, then \(retry) again")
    }

    private func checkDeadline(_ error: ControlPlaneError) throws {
        if let deadline = context.deadline, context.clock.now >= deadline { throw error }
    }
}
