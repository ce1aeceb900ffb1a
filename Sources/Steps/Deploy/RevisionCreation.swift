import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Git
import WorkflowModel

/// Makes a revision and finds out which one it is, whatever happens to the answer (docs/failures.md, row 9).
struct RevisionCreation: Sendable {
    /// How long a plane may take to list what it has just made.
    static let listingPatience: Duration = .seconds(30)
    static let listingPause: Duration = .seconds(1)
    /// How often a revision that a conflict keeps out is sent.
    static let triesAgainstConflict = 3
    /// Names the uploaded archive in the intent.
    private static let tarballFact = "tarball"
    /// Name the revisions that existed before the request, and the one that was live.
    private static let knownFact = "known"
    private static let previousFact = "previous"

    let client: ControlPlaneClient
    let context: StepContext
    let plan: DeployPlan
    let services: StepServices
    let requested: RequestedSettings
    /// What will be uploaded, where that was made before.
    var archive: SourceArchive.File?
    private var uploads: UploadIndex { services.uploads }

    func make(in deployment: DeploymentID) async throws -> TrackedRevision {
        // Before the slot is taken: an interrupted run may have made it, and must not wait for itself.
        if let earlier = try await madeEarlier(in: deployment) { return earlier }
        var slot = RevisionSlot(client: client, context: context, plan: plan, services: services)
        let id = try await make(in: deployment, &slot)
        return tracked(id, in: deployment, known: slot.known, previous: slot.previous)
    }

    private func make(in deployment: DeploymentID, _ slot: inout RevisionSlot) async throws -> RevisionID {
        if case .takeUp(let id) = try await slot.take(in: deployment) { return id }
        let tarball = plan.deploymentSource == .internalSource ? try await upload(to: deployment) : nil
        if case .takeUp(let id) = try await slot.take(in: deployment) { return id }
        return try await send(tarball, to: deployment, &slot)
    }

    /// What the later steps need to know. Without `known` and `previous`, what the plan says of them.
    func tracked(
        _ id: RevisionID, in deployment: DeploymentID, known: Set<RevisionID>? = nil, previous: RevisionID?? = nil
    ) -> TrackedRevision {
        var revision = TrackedRevision(deploymentID: deployment.rawValue, id: id.rawValue)
        revision.previousRevisionID = previous.map { $0?.rawValue } ?? plan.previousRevisionID
        revision.knownRevisions = known.map { $0.map(\.rawValue).sorted() }
        revision.sha = plan.deploymentSource == .github ? plan.sha : nil
        revision.image = plan.image
        revision.created = plan.action == .create
        return revision
    }

    /// Sends it until it exists or cannot be created.
    private func send(_ tarball: String?, to deployment: DeploymentID, _ slot: inout RevisionSlot) async throws
        -> RevisionID
    {
        var reconciliation = Reconciliation()
        var conflicts = 0
        while true {
            let own = revisionMatcher(tarball: tarball, before: slot.known)
            do {
                let settings = try await settings(of: deployment)
                return try await send(
                    plan.revisionRequest(tarball: tarball, settings), own, to: deployment, from: slot)
            } catch let error as ControlPlaneError where error.kind == .ambiguous {
                context.warn("lost the response to the create request (\(error.message)): looking for it")
                if let id = try await search(deployment).find(own, &reconciliation, after: error) { return id }
                context.note("the revision does not exist: creating it again")
                reconciliation.resent()
            } catch let error as ControlPlaneError where error.kind == .conflict {
                conflicts += 1
                context.warn("the control plane refused the revision for now (\(error.message)): checking again")
                if let id = try await settle(own, in: deployment, &slot, mayBeMade: reconciliation.hasResent) {
                    return id
                }
                guard conflicts < Self.triesAgainstConflict, try await slot.pauseBeforeAnotherTry() else {
                    throw RevisionSlot.busy(error.message, plan)
                }
            }
        }
    }

    /// Read as late as possible, because what is sent replaces what is stored then.
    private func settings(of deployment: DeploymentID) async throws -> DeploySettings {
        guard requested.dependsOnStored else { return DeploySettings() }
        return try requested.settings(for: try await client.deployment(deployment), context)
    }

    /// After a conflict: the revision that matches, or nil once no other one is in progress.
    private func settle(
        _ own: RevisionMatcher, in deployment: DeploymentID, _ slot: inout RevisionSlot, mayBeMade: Bool
    ) async throws -> RevisionID? {
        if mayBeMade, case .found(let id) = own.find(in: try await search(deployment).list()) { return id }
        guard case .takeUp(let id) = try await slot.lookAgain(at: deployment) else { return nil }
        return id
    }

    /// The revision that creating the deployment made; nobody else has made any there yet.
    func first(of deployment: Deployment) async throws -> TrackedRevision {
        if let id = deployment.latestRevisionID { return tracked(id, in: deployment.id) }
        let id = try await listing(in: deployment.id) { listed in
            listed.last.map { .found($0.id) } ?? .notThere
        }
        return tracked(id, in: deployment.id)
    }

    private func search(_ deployment: DeploymentID) -> RevisionSearch {
        RevisionSearch(client: client, context: context, deployment: deployment)
    }

    private func revisionMatcher(tarball: String?, before: Set<RevisionID>) -> RevisionMatcher {
        RevisionMatcher(
            RevisionMatcher.Request(
                sha: plan.sha, repoRef: plan.ref, configPath: plan.config, tarballPath: tarball,
                image: plan.imageReference),
            before: before)
    }

    private func send(
        _ body: RevisionRequest, _ own: RevisionMatcher, to deployment: DeploymentID, from slot: RevisionSlot
    ) async throws -> RevisionID {
        var facts = plan.facts
        facts["deployment"] = deployment.rawValue
        facts[Self.knownFact] = slot.known.map(\.rawValue).sorted().joined(separator: " ")
        facts[Self.previousFact] = slot.previous?.rawValue
        facts[Self.tarballFact] = body.sourceRevisionConfig.sourceTarballPath
        do {
            return try await context.perform("create-revision", facts: facts) {
                try await client.createRevision(of: deployment, body).id
            }
        } catch let error as ControlPlaneError where error.kind == .notSupported {
            context.note("this control plane creates revisions by PATCH", level: .debug)
        }
        let patched = try await context.perform("patch-deployment", facts: facts) {
            try await client.patchDeployment(deployment, body)
        }
        return try await listing(in: deployment) { own.find(in: $0, answered: patched.latestRevisionID) }
    }

    private func listing(
        in deployment: DeploymentID, _ find: ([Revision]) -> RevisionMatcher.Finding
    ) async throws -> RevisionID {
        let patience = context.clock.now.advanced(by: Self.listingPatience)
        while true {
            let finding = find(try await search(deployment).list())
            if case .found(let id) = finding { return id }
            let isOver = context.clock.now >= patience
            if isOver, case .undecided(let candidates) = finding, let oldest = candidates.last { return oldest }
            if isOver { throw notListed(finding, in: deployment) }
            try await context.clock.sleep(for: Self.listingPause)
        }
    }

    /// What an earlier attempt of this step made, of which the run may have ended before the answer came.
    private func madeEarlier(in deployment: DeploymentID) async throws -> TrackedRevision? {
        let intent = context.previousAttempts.effects.last { $0.effect != "create-deployment" }
        let known = intent?.facts[Self.knownFact].map { Set($0.split(separator: " ").map { RevisionID(String($0)) }) }
        func tracked(_ id: RevisionID) -> TrackedRevision {
            guard let intent, let known else { return self.tracked(id, in: deployment) }
            let previous = intent.facts[Self.previousFact].map { RevisionID($0) }
            return self.tracked(id, in: deployment, known: known, previous: .some(previous))
        }
        if let id = context.previousAttempts.outputs["revision-id"]?.string { return tracked(RevisionID(id)) }
        guard let intent else { return nil }
        context.note("an earlier attempt may have created the revision: looking for it")
        let lost = ControlPlaneError(.ambiguous, "the run ended before the response to the create request")
        var reconciliation = Reconciliation()
        let own = revisionMatcher(
            tarball: intent.facts[Self.tarballFact], before: known ?? Set(plan.knownRevisions.map { RevisionID($0) }))
        return try await search(deployment).find(own, &reconciliation, after: lost).map(tracked)
    }

    private func notListed(_ finding: RevisionMatcher.Finding, in deployment: DeploymentID) -> StepFailure {
        var message = "deployment \(deployment) lists no revision that could be ours"
        if case .onlyOthers(let others) = finding {
            message +=
                "; newer ones are built from another commit: "
                + others.map(\.rawValue).joined(separator: ", ")
        }
        return StepFailure(
            .timedOut, code: "RevisionNotFound", message, hint: "run slipway status to see what is in progress")
    }

    func makeArchive(for deployment: String) async throws -> SourceArchive.File {
        try await SourceArchive(plan: plan, folder: services.scratchFolder, deployment: deployment).write()
    }

    private func upload(to deployment: DeploymentID) async throws -> String {
        let archive = if let archive { archive } else { try await makeArchive(for: deployment.rawValue) }
        defer { archive.remove() }
        context.note("uploading \(archive.size / 1024) KiB, the tree of commit \(plan.sha.prefix(12))")
        let target = try await client.requestUpload(for: deployment)
        try await client.upload(archive: archive.path, size: archive.size, to: target)
        uploads.add(objectPath: target.objectPath, sha: plan.sha)
        return target.objectPath
    }
}
