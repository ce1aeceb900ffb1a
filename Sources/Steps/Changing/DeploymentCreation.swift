import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials

/// Creates a deployment; when the answer is lost, looks whether it is there before sending anything again
/// (docs/failures.md, row 8).
struct DeploymentCreation: Sendable {
    let client: ControlPlaneClient
    let context: StepContext
    let request: ChangeRequest
    let settings: DeploySettings

    func create() async throws -> Deployment {
        if let earlier = try await madeEarlier() { return earlier }
        let began = client.serverDate
        var reconciliation = Reconciliation()
        while true {
            do {
                return try await send()
            } catch let error as ControlPlaneError where error.kind == .ambiguous {
                context.warn("the answer to the creation was lost (\(error.message)): looking for the deployment")
                if let found = try await lookUp(&reconciliation, since: began, after: error) { return found }
                context.note("the deployment is not there: creating it once more")
                reconciliation.resent()
            } catch let error as ControlPlaneError where error.kind == .conflict {
                guard reconciliation.hasResent else { throw try await explain(error) }
                // What the first request made holds the name, though reads did not show it.
                if let found = try await lookUp(&reconciliation, since: began, after: error) { return found }
            }
        }
    }

    private func send() async throws -> Deployment {
        try await context.perform("create-deployment", facts: request.facts.merging(["name": request.name]) { $1 }) {
            try await client.createDeployment(request.createRequest(settings))
        }
    }

    /// A run that was interrupted right after it sent the request may have created it.
    private func madeEarlier() async throws -> Deployment? {
        guard context.previousAttempts.effects.contains(where: { $0.effect == "create-deployment" }) else { return nil }
        return try await find(since: nil)
    }

    /// Throws `StepFailure` when the name is somebody else's.
    private func find(since began: Date?) async throws -> Deployment? {
        guard let found = try await client.deployment(named: request.name) else { return nil }
        if let failure = ImmutableFieldCheck.find(between: request.wanted, and: found) { throw failure }
        if let objection = DeploymentMatcher.objection(to: found, wanted: request.wanted, began: began) {
            throw StepFailure(
                .busy, code: "NameTaken",
                "the answer to the creation was lost, and deployment \(found.id), which has the name '\(request.name)' "
                    + "now, is somebody else's: \(objection)",
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
                // An older plane answers 500 to a name that is taken.
                if error.status != nil, let holder = try await holder(after: error) { throw beingDeleted(holder) }
                return nil
            case .giveUp: throw error
            }
        }
    }

    /// One that is on its way out and holds the name until then.
    private func holder(after error: ControlPlaneError) async throws -> Deployment? {
        try await reading(after: error) {
            try await client.deployment(named: request.name, includingDeleted: true)
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
        if try await client.deployment(named: request.name) != nil {
            return StepFailure(
                .busy, code: "NameTaken", conflict.message,
                hint: "somebody else has just created it: run the deploy again to update it")
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
            "deployment \(holder.id), which is being deleted (\(holder.status)), still has the name '\(request.name)'",
            hint: "use another --deployment name, or wait until the clean-up is over, which can take a week")
    }
}
