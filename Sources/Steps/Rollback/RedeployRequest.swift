import ControlPlane
import ControlPlaneTypes
import Engine

/// Requests that an earlier revision becomes live again (docs/failures.md, rows 10 and 33).
struct RedeployRequest: GuardedChange {
    /// What became of it.
    enum Made: Sendable {
        /// The revision to wait for: a new one where the control plane makes one, else the target itself. `isNamed`:
        /// the response said so; otherwise it was looked for, and somebody else may have made it.
        case revision(RevisionID, isNamed: Bool)
        /// Nothing was requested, because what is live belongs to somebody else.
        case left(reason: String)
    }

    static let effectName = "redeploy-revision"
    /// Name the revision to go back to, and the revisions that existed before the request was sent first.
    private static let targetFact = "revision"
    private static let knownFact = "known"

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    /// Tells the run what is live, where that is left as it is.
    let recordLive: @Sendable (Deployment) -> Void
    /// Tells the run which revision is about to be redeployed.
    let announcement: @Sendable (RevisionID) -> Void
    private var situation: RollbackDecision.Situation
    /// Whether a newer revision of somebody else is a refusal (75), as in a rollback by hand.
    private let isByHand: Bool
    /// The revision to go back to, as it was read.
    private(set) var wanted: Revision?
    private var known: Set<RevisionID> = []

    init(
        client: ControlPlaneClient, context: StepContext, deployment: DeploymentID,
        situation: RollbackDecision.Situation, recordLive: @escaping @Sendable (Deployment) -> Void,
        announcement: @escaping @Sendable (RevisionID) -> Void
    ) {
        self.client = client
        self.context = context
        self.deployment = deployment
        self.situation = situation
        self.recordLive = recordLive
        self.announcement = announcement
        isByHand = situation.undone == nil
        guard let facts = Self.intent(in: context.previousAttempts) else { return }
        known = Set((facts[Self.knownFact] ?? "").split(separator: " ").map { RevisionID(String($0)) })
        self.situation.target = facts[Self.targetFact].map { RevisionID($0) }
    }

    /// The revision to go back to; nil when none was live before.
    var target: RevisionID? { situation.target }

    /// What was read last.
    var now: DeploymentSnapshot? { situation.now }

    var name: String { "redeploy request" }
    var effect: String { Self.effectName }

    var facts: [String: String] {
        [
            Self.targetFact: wanted?.id.rawValue ?? "",
            Self.knownFact: known.map(\.rawValue).sorted().joined(separator: " "),
        ]
    }

    /// Whether an earlier attempt of the step sent it, or was about to.
    var wasSent: Bool { Self.intent(in: context.previousAttempts) != nil }

    mutating func mayStill(isRepeat: Bool) async throws -> MayStill<Made> {
        let reader = DeploymentReader(client: client.with(deadline: context.readDeadline))
        guard let now = try await reader.snapshot(name: nil, id: deployment.rawValue) else { return .send }
        situation.now = now
        if wanted == nil, let target { wanted = try await read(target, now) }
        if isRepeat, let found = ours(in: now.revisions) { return .notNeeded(.revision(found, isNamed: false)) }
        switch RollbackDecision.decide(situation) {
        case .leave(let reason):
            recordLive(now.deployment)
            return isByHand ? .refuse(refusal(reason)) : .notNeeded(.left(reason: reason))
        case .redeploy(let target):
            if wanted?.id != target { wanted = try await read(target, now) }
            if !isRepeat { known = Set(now.revisions.map(\.id)) }
            return .send
        }
    }

    func announce() {
        if let wanted { announcement(wanted.id) }
    }

    func send() async throws -> Deployment {
        guard let wanted else { throw ControlPlaneError(.configuration, "no revision to redeploy") }
        return try await client.redeploy(wanted.id, of: deployment)
    }

    /// The response may name a revision that somebody else has just made. One that is made from something else than the
    /// target is ours nevertheless when nothing else came of the request: the watch tells how it differs.
    func made(by response: Deployment) async throws -> Made {
        guard let target = wanted?.id else { return .left(reason: "no revision to redeploy") }
        guard let latest = response.latestRevisionID, !known.contains(latest), let own else {
            return .revision(target, isNamed: true)
        }
        var listed: [Revision] = []
        let finding = try await search.wait(answered: latest) { found in
            listed = found
            // A control plane that redeploys in place makes no revision: the new one is somebody else's.
            let isRestarted = listed.contains { $0.id == target && $0.status.isInProgress }
            return isRestarted ? .found(target) : own.find(in: listed, answered: latest)
        }
        if case .found(let id) = finding {
            warn(ofRevisionsReplacedBy: id, in: listed)
            return .revision(id, isNamed: id == latest || id == target)
        }
        return .revision(latest, isNamed: true)
    }

    func find(_ reconciliation: inout Reconciliation, after lost: ControlPlaneError) async throws -> Made? {
        guard let target else { return nil }
        var again = self
        if again.wanted == nil {
            again.wanted = try await reading(after: lost) {
                try await context.confirmingRefusals(of: client) { try await read(target, nil) }
            }
        }
        guard let own = again.own else { return nil }
        return try await search.find(own, restarted: again.wanted?.id, &reconciliation, after: lost)
            .map { .revision($0, isNamed: false) }
    }

    func busy(_ why: String) -> StepFailure {
        StepFailure(
            .busy, code: "DeploymentBusy", "\(refused): \(why)",
            hint: "run slipway status \(deployment), then try again")
    }
}

extension RedeployRequest {
    private var search: RevisionSearch {
        RevisionSearch(client: client, context: context, deployment: deployment, retry: "roll back") { [recordLive] in
            recordLive($0.deployment)
        }
    }

    private var own: RevisionMatcher? {
        wanted.map { RevisionMatcher(.init(again: $0), before: known) }
    }

    /// What somebody else made between the last look and the request goes away too.
    private func warn(ofRevisionsReplacedBy revision: RevisionID, in listed: [Revision]) {
        let older = listed.drop { $0.id != revision }.dropFirst()
        for other in older where !known.contains(other.id) && other.id != target {
            context.warn(
                "revision \(other.id) of another deploy was created just before the rollback, which replaces it too")
        }
    }

    private func ours(in listed: [Revision]) -> RevisionID? {
        guard case .found(let id)? = own?.find(in: listed, isRepeated: true) else { return nil }
        return id
    }

    private func read(_ target: RevisionID, _ now: DeploymentSnapshot?) async throws -> Revision {
        if let found = now?.revisions.first(where: { $0.id == target }) { return found }
        return try await client.revision(target, of: deployment)
    }

    private static func intent(in earlier: StepRecord) -> [String: String]? {
        earlier.effects.last { $0.effect == effectName }?.facts
    }

    private func refusal(_ reason: String) -> StepFailure {
        StepFailure(
            .busy, code: "ChangedMeanwhile", "\(refused): \(reason)",
            hint: "check slipway status \(deployment), then try again, or pass --force")
    }

    private var refused: String {
        "cannot redeploy revision \(target?.rawValue ?? "unknown") of deployment \(deployment)"
    }
}

extension RevisionMatcher.Request {
    /// A redeploy makes the same once more.
    fileprivate init(again revision: Revision) {
        let config = revision.sourceRevisionConfig
        self.init(
            sha: revision.commitSHA ?? "", repoRef: config?.repoRef, configPath: config?.configPath,
            tarballPath: config?.sourceTarballPath,
            image: revision.source == .externalDocker ? revision.image : nil)
    }
}
