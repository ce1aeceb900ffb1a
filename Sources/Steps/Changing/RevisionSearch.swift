import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Looks for the revision that a change made although its answer was lost (docs/failures.md, rows 9 and 10).
struct RevisionSearch: Sendable {
    static let listed = 20

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID

    /// The newest ones, newest first.
    func list() async throws -> [Revision] {
        try await client.listRevisions(of: deployment, limit: Self.listed).resources
    }

    /// Nil when the change left no trace and may be sent once more. `restarted` is a revision that the change may have
    /// started again instead of making a new one.
    ///
    /// Throws `error` when nothing was seen of the second one either.
    func find(
        _ own: RevisionMatcher, restarted: RevisionID? = nil, _ reconciliation: inout Reconciliation,
        after error: ControlPlaneError
    ) async throws -> RevisionID? {
        while true {
            let listed = try await reading(after: error) { try await list() }
            if let restarted, listed.contains(where: { $0.id == restarted && $0.status.isUnderWay }) {
                return restarted
            }
            let finding = own.find(in: listed)
            switch finding {
            case .found(let id): return id
            case .undecided(let candidates):
                let looked = try await reading(after: error) { try await look(at: candidates) }
                if case .found(let id) = own.find(in: looked) { return id }
                try checkDeadline(error)
            case .notThere, .onlyOthers, .otherCommit:
                switch reconciliation.decide(found: false) {
                case .adopt, .lookAgain: break
                case .resend:
                    if case .otherCommit(let id, let commit) = finding { throw refMoved(id, commit) }
                    return nil
                case .giveUp: throw error
                }
            }
            try await context.clock.sleep(for: Reconciliation.pause)
        }
    }

    /// A plane may tell the commit of a revision before its list does.
    private func look(at candidates: [RevisionID]) async throws -> [Revision] {
        var looked: [Revision] = []
        for candidate in candidates { looked.append(try await client.revision(candidate, of: deployment)) }
        return looked
    }

    private func refMoved(_ id: RevisionID, _ commit: String) -> StepFailure {
        StepFailure(
            .superseded, code: "RefMoved",
            "the answer to our request was lost, and revision \(id), which came in the meantime, is built from commit "
                + "\(commit.prefix(12)) of the same branch",
            hint: "see what is under way with slipway status, then deploy again")
    }

    private func checkDeadline(_ error: ControlPlaneError) throws {
        if let deadline = context.deadline, context.clock.now >= deadline { throw error }
    }
}
