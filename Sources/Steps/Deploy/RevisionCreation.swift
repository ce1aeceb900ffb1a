import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import WorkflowModel

/// Creates a revision of the planned commit or image in an existing deployment (docs/failures.md, rows 9, 12 and 23).
struct RevisionCreation: GuardedChange {
    /// Names the uploaded archive in the journal.
    private static let tarballFact = "tarball"
    /// Name the revisions that existed before the request was sent first, and the one that was live.
    private static let knownFact = "known"
    private static let previousFact = "previous"

    /// A control plane that creates revisions by POST says which one it made.
    enum Response: Sendable {
        case created(RevisionID)
        case patched(Deployment)
    }

    let client: ControlPlaneClient
    let context: StepContext
    let plan: DeployPlan
    let services: StepServices
    let deployment: DeploymentID
    /// The object path of the uploaded archive, for the source internal_source.
    var tarball: String?
    /// The revisions that existed when it was sent first: what comes after them may be ours.
    private(set) var known: Set<RevisionID>
    /// The revision that was live then.
    private(set) var previous: RevisionID?
    /// Whether it was sent more than once, so that several revisions may be ours.
    private(set) var isRepeated = false
    /// The revisions that were seen in progress, and waited for.
    private var awaited: Set<RevisionID> = []
    private var usesPatch = false
    private var settings = DeploySettings()
    /// When the deployment was read and no revision was in progress; nil when one was.
    private var idleAt: MonotonicInstant?

    init(
        client: ControlPlaneClient, context: StepContext, plan: DeployPlan, services: StepServices,
        deployment: DeploymentID
    ) {
        self.client = client
        self.context = context
        self.plan = plan
        self.services = services
        self.deployment = deployment
        known = Set(plan.knownRevisions.map { RevisionID($0) })
        previous = plan.previousRevisionID.map { RevisionID($0) }
        // Between two steps only the wall clock is common; one that jumped costs a read.
        if let readAt = plan.idleAt.flatMap({ Timestamp(text: $0).date }),
            case let age = context.clock.date.timeIntervalSince(readAt), age >= 0
        {
            idleAt = context.clock.now.advanced(by: .zero - .seconds(age))
        }
        restoreIntent()
    }

    var name: String { "create request" }
    var effect: String { usesPatch ? "patch-deployment" : "create-revision" }

    var facts: [String: String] {
        var facts = plan.facts
        facts["deployment"] = deployment.rawValue
        facts[Self.knownFact] = known.map(\.rawValue).sorted().joined(separator: " ")
        facts[Self.previousFact] = previous?.rawValue
        facts[Self.tarballFact] = tarball
        return facts
    }

    /// Whether an earlier attempt of the step sent it, or was about to.
    var wasSent: Bool { Self.intent(in: context.previousAttempts) != nil }

    mutating func mayStill(isRepeat: Bool) async throws -> MayStill<TrackedRevision> {
        isRepeated = isRepeated || isRepeat
        if !isRepeat && isIdle { return .send }
        let reader = DeploymentReader(client: client.with(deadline: context.readDeadline))
        guard let now = try await reader.snapshot(name: nil, id: deployment.rawValue) else { return .send }
        let stranger = liveStranger(in: assumingNewestLive(now))
        awaited.formUnion(now.underWay.map(\.id))
        if isRepeat {
            if case .found(let id) = own.find(in: now.revisions, isRepeated: true) { return .notNeeded(tracked(id)) }
        } else {
            learn(now)
        }
        let decision = await decide(now, stranger)
        // As late as possible: what is sent replaces what is stored then, and a resumed run may not have the files any more.
        if case .send = decision, plan.hasSettingsFiles {
            settings = try plan.requestedSettings(services, context).settings(for: now.deployment, context)
        }
        return decision
    }

    func send() async throws -> Response {
        let body = plan.revisionRequest(tarball: tarball, settings)
        return usesPatch
            ? .patched(try await client.patchDeployment(deployment, body))
            : .created(try await client.createRevision(of: deployment, body).id)
    }

    func made(by response: Response) async throws -> TrackedRevision {
        switch response {
        case .created(let id):
            var made = tracked(id)
            made.isNamed = isRepeated ? true : nil
            return made
        case .patched(let deployment):
            let own = own
            let latest = deployment.latestRevisionID
            let listed = try await search.wait(answered: latest) { own.find(in: $0, answered: latest) }
            guard case .found(let id) = listed else { throw notListed(listed) }
            return tracked(id)
        }
    }

    func find(
        _ reconciliation: inout Reconciliation, after lost: ControlPlaneError
    ) async throws -> TrackedRevision? {
        try await search.find(own, &reconciliation, after: lost).map(tracked)
    }

    mutating func adapt(to error: ControlPlaneError) -> Bool {
        guard error.kind == .notSupported, !usesPatch else { return false }
        context.note("this control plane creates revisions by PATCH", level: .debug)
        usesPatch = true
        return true
    }

    func busy(_ why: String) -> StepFailure {
        StepFailure(
            .busy, code: "DeploymentBusy", "deployment '\(plan.deployment)' is busy: \(why)",
            hint: "nothing was changed; run slipway status to see what is in progress, then deploy again, or allow "
                + "more time with --timeout")
    }
}

extension RevisionCreation {
    private var search: RevisionSearch {
        RevisionSearch(client: client, context: context, deployment: deployment) { [services, context, previous] in
            context.record(services.fact($0, previous: previous))
        }
    }

    private var own: RevisionMatcher {
        RevisionMatcher(
            RevisionMatcher.Request(
                sha: plan.sha, repoRef: plan.ref, configPath: plan.config, tarballPath: tarball,
                image: plan.imageReference),
            before: known)
    }

    /// Whether preflight has just read that no revision is in progress.
    private var isIdle: Bool {
        guard let idleAt, !plan.hasSettingsFiles else { return false }
        return idleAt.duration(to: context.clock.now) <= ChangeSender.freshness
    }

    /// What the later steps need to know about the revision that this made.
    func tracked(_ id: RevisionID) -> TrackedRevision {
        var revision = TrackedRevision(id, of: deployment, plan)
        revision.previousRevisionID = previous?.rawValue
        revision.knownRevisions = known.map(\.rawValue).sorted()
        revision.isRepeated = isRepeated ? true : nil
        return revision
    }

    /// Takes over what an earlier attempt knew when it sent the request.
    private mutating func restoreIntent() {
        guard let facts = Self.intent(in: context.previousAttempts) else { return }
        tarball = facts[Self.tarballFact]
        guard let known = facts[Self.knownFact] else { return }
        self.known = Set(known.split(separator: " ").map { RevisionID(String($0)) })
        previous = facts[Self.previousFact].map { RevisionID($0) }
    }

    private static func intent(in earlier: StepRecord) -> [String: String]? {
        earlier.effects.last { ["create-revision", "patch-deployment"].contains($0.effect) }?.facts
    }

    /// The decision of preflight once more, and then whether another revision has to end first.
    private func decide(_ read: DeploymentSnapshot, _ stranger: RevisionID?) async -> MayStill<TrackedRevision> {
        let uploads = services.uploads.entries()
        let now = assumingNewestLive(read)
        let replaced = DeployDecision.replacedCommits(
            desired: plan.desired, snapshot: now, force: plan.force, uploads: uploads)
        let decision = DeployDecision.decide(
            desired: plan.desired, name: plan.deployment, snapshot: now, policy: .init(force: plan.force),
            uploads: uploads, newer: await newer(among: replaced))
        switch decision {
        case .refuse(let failure): return refuse(failure, now)
        case .upToDate(let id), .follow(let id):
            context.note("revision \(id) of this commit exists now: waiting for it")
            return .notNeeded(tracked(id))
        case .createDeployment, .createRevision:
            // Of commits the history tells which one is newer; of images only the order in which they were deployed.
            if let stranger, plan.image != nil, !plan.force {
                return refuse(.overtaken((plan.desired.subject, plan.deployment), by: stranger), now)
            }
            return behind(now)
        }
    }

    /// The reports name what is live, not what was live when this deploy was planned.
    private func refuse(_ failure: StepFailure, _ now: DeploymentSnapshot) -> MayStill<TrackedRevision> {
        context.record(services.fact(now))
        return .refuse(failure)
    }

    /// The live revision if it neither existed when this deploy was planned nor was waited for by it.
    private func liveStranger(in now: DeploymentSnapshot) -> RevisionID? {
        guard let active = now.deployment.activeRevisionID, active != previous, !known.contains(active),
            !awaited.contains(active)
        else { return nil }
        return active
    }

    /// A revision that was deployed since the plan counts as live, though the deployment may not name it yet.
    private func assumingNewestLive(_ now: DeploymentSnapshot) -> DeploymentSnapshot {
        guard let newest = now.revisions.first(where: { $0.status == .deployed }),
            !plan.knownRevisions.contains(newest.id.rawValue)
        else { return now }
        var assumed = now
        assumed.deployment.activeRevisionID = newest.id
        return assumed
    }

    private func behind(_ now: DeploymentSnapshot) -> MayStill<TrackedRevision> {
        guard let newest = now.underWay.first else { return .send }
        let commit = newest.builtCommit(uploads: services.uploads.entries()).map { " of commit \($0.prefix(12))" }
        let what = "revision \(newest.id)\(commit ?? "") is in progress (\(newest.status))"
        if plan.waits { return .wait(for: newest.id, what) }
        context.warn("\(what): the new revision is queued behind it")
        return .send
    }

    /// Preflight has judged the commit that was live then.
    private func newer(among commits: [String]) async -> Set<String> {
        let ancestry = AncestryReader(directory: plan.directory)
        var newer: Set<String> = []
        for commit in commits where commit != plan.current?.sha {
            if await ancestry.isAncestor(plan.sha, of: commit) == true { newer.insert(commit) }
        }
        return newer
    }

    private mutating func learn(_ now: DeploymentSnapshot) {
        known.formUnion(now.revisions.map(\.id))
        guard now.deployment.activeRevisionID != previous else { return }
        previous = now.deployment.activeRevisionID
        context.output("previous-revision-id", .init(previous?.rawValue))
        context.record(services.fact(now))
    }

    private func notListed(_ finding: RevisionMatcher.Finding) -> StepFailure {
        var message = "deployment \(deployment) lists no revision that could be ours"
        if case .onlyOthers(let others) = finding {
            message += "; newer ones are built from another commit: " + others.map(\.rawValue).joined(separator: ", ")
        }
        return StepFailure(
            .timedOut, code: "RevisionNotFound", message, hint: "run slipway status to see what is in progress")
    }
}
