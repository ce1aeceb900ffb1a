import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials

/// Creates a deployment; when the response is lost, checks whether it exists before sending anything again
/// (docs/failures.md, row 8).
struct DeploymentCreation: GuardedChange {
    let client: ControlPlaneClient
    let context: StepContext
    let plan: DeployPlan
    let services: StepServices
    /// Set as soon as the request may be sent.
    private var settings = DeploySettings()
    /// When the request was sent first, by the control plane's clock; nil when an earlier attempt sent it.
    private var began: Date?

    init(client: ControlPlaneClient, context: StepContext, plan: DeployPlan, services: StepServices) {
        self.client = client
        self.context = context
        self.plan = plan
        self.services = services
    }

    var name: String { "create request" }
    var effect: String { "create-deployment" }
    var facts: [String: String] { plan.facts.merging(["name": plan.deployment]) { $1 } }

    /// Whether an earlier attempt of the step sent it, or was about to.
    var wasSent: Bool { context.previousAttempts.effects.contains { $0.effect == effect } }

    mutating func mayStill(isRepeat: Bool) async throws -> MayStill<Deployment> {
        let decision = try await decide(isRepeat: isRepeat)
        // Not before, because a resumed run may not have the files any more.
        if case .send = decision {
            settings = try plan.requestedSettings(services, context).settings(for: nil, context)
        }
        return decision
    }

    private mutating func decide(isRepeat: Bool) async throws -> MayStill<Deployment> {
        if isRepeat { return try await find(since: began).map { .notNeeded($0) } ?? .send }
        began = began ?? client.serverDate
        if isFree { return .send }
        guard try await client.deployment(named: plan.deployment) != nil else { return .send }
        return .refuse(
            StepFailure(
                .busy, code: "NameTaken", "deployment '\(plan.deployment)' was created by somebody else just now",
                hint: "run the deploy again to update it"))
    }

    func send() async throws -> Deployment { try await client.createDeployment(plan.createRequest(settings)) }

    func find(_ reconciliation: inout Reconciliation, after lost: ControlPlaneError) async throws -> Deployment? {
        reconciliation.lost(lost)
        while true {
            let found = try await reading(after: lost) {
                try await context.confirmingRefusals(of: client) { try await find(since: began) }
            }
            switch reconciliation.decide(found: found != nil) {
            case .found: return found
            case .lookAgain: try await context.clock.sleep(for: Reconciliation.pause)
            case .resend:
                // An older control plane answers 500 to a name that is taken.
                if lost.status != nil, let holder = try await holder(after: lost) { throw beingDeleted(holder) }
                return nil
            case .giveUp: throw lost
            }
        }
    }

    func busy(_ why: String) -> StepFailure {
        StepFailure(
            .busy, code: "NameTaken", "cannot create deployment '\(plan.deployment)': \(why)",
            hint: "run the deploy again to update it")
    }

    /// Whether preflight has just read that no deployment has the name.
    private var isFree: Bool {
        guard let readAt = plan.idleAt.flatMap({ Timestamp(text: $0).date }) else { return false }
        return (0...ChangeSender.freshness.seconds).contains(context.clock.date.timeIntervalSince(readAt))
    }

    /// Throws `StepFailure` when the name is taken by another deployment.
    private func find(since began: Date?) async throws -> Deployment? {
        guard let found = try await client.deployment(named: plan.deployment) else { return nil }
        if let failure = ImmutableFieldCheck.find(between: plan.desired, and: found) { throw failure }
        if let objection = DeploymentMatcher.objection(to: found, desired: plan.desired, began: began) {
            throw StepFailure(
                .busy, code: "NameTaken",
                "lost the response to the create request, and deployment \(found.id), which now has the name '\(plan.deployment)', "
                    + "is another one: \(objection)",
                hint: "run the deploy again to update it, or use another --deployment name")
        }
        return found
    }

    /// One that is on its way out and holds the name until then.
    private func holder(after error: ControlPlaneError) async throws -> Deployment? {
        try await reading(after: error) {
            try await client.deployment(named: plan.deployment, includingDeleted: true)
        }.flatMap { $0.status.isBeingDeleted ? $0 : nil }
    }

    /// Tells apart what may hold a name: a left-over tracing project, a deployment that is being deleted, another one.
    func explain(_ conflict: ControlPlaneError) async throws -> StepFailure? {
        if conflict.message.lowercased().contains("already exists a project") {
            return StepFailure(
                .failed, code: "TracingProjectLeft", conflict.message,
                hint: "a tracing project of an earlier deployment holds the name: rename or delete that project in "
                    + "LangSmith, or use another --deployment name")
        }
        if try await client.deployment(named: plan.deployment) != nil {
            return StepFailure(
                .busy, code: "NameTaken", conflict.message,
                hint: "it was created concurrently: run the deploy again to update it")
        }
        if let holder = try await holder(after: conflict) { return beingDeleted(holder) }
        return StepFailure(
            .failed, code: "NameTaken", conflict.message,
            hint: "no deployment of this workspace has the name: one that was deleted keeps it for up to a week, and a "
                + "left-over tracing project blocks it too; use another --deployment name, or remove the project")
    }

    private func beingDeleted(_ holder: Deployment) -> StepFailure {
        StepFailure(
            .failed, code: "NameBeingDeleted",
            "deployment \(holder.id), which is being deleted (\(holder.status)), still has the name '\(plan.deployment)'",
            hint: "run slipway deployments delete \(holder.id) --force to remove it for good, use another --deployment "
                + "name, or wait until the clean-up is over, which can take a week")
    }
}

/// Whether a deployment that has our name after a creation without an answer is the one that our request made: a pure
/// decision (docs/failures.md, rows 8 and 41).
enum DeploymentMatcher {
    /// How far the control plane's clock may be off after its `Date` was taken into account, in seconds.
    static let slack: Double = 300

    /// Why it is another one; nil when it may be ours. `began` is when our request left, by the control plane's
    /// clock; nil when that is not known.
    static func objection(to found: Deployment, desired: DesiredRevision, began: Date?) -> String? {
        if let began, let created = found.createdAt, let date = created.date,
            date < began.addingTimeInterval(-slack)
        {
            return "it was created at \(created.text), before our request"
        }
        let made = found.sourceRevisionConfig
        if let ref = made?.repoRef, let ours = desired.repoRef, ref != ours { return "it is made from '\(ref)'" }
        if let image = desired.image, let theirs = made?.imageURI, !image.isSame(as: ImageReference(theirs)) {
            return "it is made of the image '\(theirs)'"
        }
        if let path = made?.configPath, path != desired.configPath { return "its configuration is '\(path)'" }
        if found.source == .github, found.sourceConfig?.buildOnPush == true { return "it builds on every push" }
        return nil
    }
}
