/// What `slipway rollback --candidates` prints.
struct RollbackOffer: Decodable, Sendable, Equatable {
    struct Deployment: Decodable, Sendable, Equatable {
        var id: String
        var name: String
        /// `prod`, or `dev`.
        var type: String?
    }

    struct Candidate: Decodable, Sendable, Equatable {
        var revision: RevisionRow
        /// Whether a rollback chooses it when none is named.
        var isTarget: Bool
        /// Why it does not.
        var mark: String?
        /// Why it was rolled back.
        var reason: String?
        /// What the revision itself undid.
        var note: String?
        /// The commits that go away and come back.
        var changes: [String]
    }

    var deployment: Deployment
    var live: RevisionRow?
    var underWay: [RevisionRow]
    var candidates: [Candidate]

    /// Everything but a development deployment is confirmed by its name.
    var needsName: Bool { deployment.type != "dev" }

    func candidate(_ id: String) -> Candidate? { candidates.first { $0.revision.id == id } }
}
