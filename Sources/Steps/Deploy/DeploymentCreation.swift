import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials

/// Creates a deployment; when the answer is lost, checks whether it exists before sending anything again
/// (docs/failures.md, row 8).
struct DeploymentCreation: Sendable {
    let client: ControlPlaneClient
    let context: StepContext
    let plan: DeployPlan
    let settings: DeploySettings

    func create() async throws -> Deployment {
        if let earlier = try await madeEarlier() { return earlier }
        let began = client.serverDate
        var reconciliation = Reconciliation()
        while true {
            do {
                return try await send()
            } catch let error as ControlPlaneError where error.kind == .ambiguous {
                context.warn("lost the response to the create request (\(error.message)): looking for the deployment")
                if let found = try await lookUp(&reconciliation, since: began, after: error) { return found }
                context.note("the deployment does not exist: creating it again")
                reconciliation.resent()
            } catch let error as ControlPlaneError where error.kind == .conflict {
                guard reconciliation.hasResent else { throw try await explain(error) }
                // What the first request made holds the name, though reads did not show it.
                if let found = try await lookUp(&reconciliation, since: began, after: error) { return found }
            }
        }
    }

    private func send() async throws -> Deployment {
        try await context.perform("create-deployment", facts: plan.facts.merging(["name": plan.deployment]) { $1 }) {
            try await client.createDeployment(plan.createRequest(settings))
        }
    }

    /// A run that was interrupted right after it sent the request may have created it.
    private func madeEarlier() async throws -> Deployment? {
        guard context.previousAttempts.effects.contains(where: { $0.effect == "create-deployment" }) else { return nil }
        return try await find(since: nil)
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

    /// Nil when the request may be sent once more.
    private func lookUp(
        _ reconciliation: inout Reconciliation, since began: Date, after error: ControlPlaneError
    ) async throws -> Deployment? {
        while true {
            let found = try await reading(after: error) { try await find(since: began) }
            switch reconciliation.decide(found: found != nil) {
            case .adopt: return found
            case .lookAgain: try await context.clock.sleep(for: Reconciliation.pause)
            case .resend:
                // An older control plane answers 500 to a name that is taken.
                if error.status != nil, let holder = try await holder(after: error) { throw beingDeleted(holder) }
                return nil
            case .giveUp: throw error
            }
        }
    }

    /// One that is on its way out and holds the name until then.
    private func holder(after error: ControlPlaneError) async throws -> Deployment? {
        try await reading(after: error) {
            try await client.deployment(named: plan.deployment, includingDeleted: true)
        }.flatMap { $0.status.isBeingDeleted ? $0 : nil }
    }

    /// Tells apart what may hold a name: a left-over tracing project, a deployment that is being deleted, another one.
    private func explain(_ conflict: ControlPlaneError) async throws -> StepFailure {
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
            hint: "use another --deployment name, or wait until the clean-up is over, which can take a week")
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
