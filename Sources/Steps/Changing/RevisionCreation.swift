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

    let client: ControlPlaneClient
    let context: StepContext
    let request: ChangeRequest
    let services: StepServices
    let given: RequestedSettings
    /// What will be uploaded, where that was made before.
    var archive: SourceArchive.File?
    private var uploads: UploadIndex { services.uploads }

    /// The id of the new revision.
    func make(in deployment: DeploymentID) async throws -> RevisionID {
        var turn = RevisionSlot(client: client, context: context, request: request, services: services)
        // Before our turn: a run that was cut off may have made it, and must not wait for itself.
        if let earlier = try await madeEarlier(in: deployment) { return earlier }
        if case .takeUp(let id) = try await turn.take(in: deployment) { return id }
        let tarball = request.source == .internalSource ? try await upload(to: deployment) : nil
        if case .takeUp(let id) = try await turn.take(in: deployment) { return id }
        return try await send(tarball, to: deployment, &turn)
    }

    /// Sends it until it is there, or can never be.
    private func send(_ tarball: String?, to deployment: DeploymentID, _ turn: inout RevisionSlot) async throws
        -> RevisionID
    {
        var reconciliation = Reconciliation()
        var conflicts = 0
        while true {
            let own = ownRevision(tarball: tarball, before: turn.known)
            context.output("known-revisions", .list(turn.known.map(\.rawValue).sorted().map { .string($0) }))
            do {
                let settings = try await settings(of: deployment)
                return try await send(request.revisionRequest(tarball: tarball, settings), own, to: deployment)
            } catch let error as ControlPlaneError where error.kind == .ambiguous {
                context.warn("the answer to the new revision was lost (\(error.message)): looking for it")
                if let id = try await search(deployment).find(own, &reconciliation, after: error) { return id }
                context.note("the revision is not there: making it once more")
                reconciliation.resent()
            } catch let error as ControlPlaneError where error.kind == .conflict {
                conflicts += 1
                context.warn("the control plane does not take the revision now (\(error.message)): looking again")
                if let id = try await settle(own, in: deployment, &turn, mayBeMade: reconciliation.hasResent) {
                    return id
                }
                guard conflicts < Self.triesAgainstConflict, try await turn.pauseBeforeAnotherTry() else {
                    throw RevisionSlot.busy(error.message, request)
                }
            }
        }
    }

    /// Read as late as possible, because what is sent replaces what is stored then.
    private func settings(of deployment: DeploymentID) async throws -> DeploySettings {
        guard given.dependsOnStored else { return DeploySettings() }
        return try given.settings(for: try await client.deployment(deployment), context)
    }

    /// After a conflict: the revision that is what we want, or nil once nobody else's is under way.
    private func settle(
        _ own: RevisionMatcher, in deployment: DeploymentID, _ turn: inout RevisionSlot, mayBeMade: Bool
    ) async throws -> RevisionID? {
        if mayBeMade, case .found(let id) = own.find(in: try await search(deployment).list()) { return id }
        guard case .takeUp(let id) = try await turn.lookAgain(at: deployment) else { return nil }
        return id
    }

    /// The revision that creating the deployment made; nobody else has made any there yet.
    func first(of deployment: Deployment) async throws -> RevisionID {
        if let id = deployment.latestRevisionID { return id }
        return try await listing(in: deployment.id) { listed in
            listed.last.map { .found($0.id) } ?? .notThere
        }
    }

    private func search(_ deployment: DeploymentID) -> RevisionSearch {
        RevisionSearch(client: client, context: context, deployment: deployment)
    }

    private func ownRevision(tarball: String?, before: Set<RevisionID>) -> RevisionMatcher {
        RevisionMatcher(
            RevisionMatcher.Request(
                sha: request.sha, repoRef: request.repoRef, configPath: request.configPath, tarballPath: tarball,
                image: request.image),
            before: before)
    }

    private func send(
        _ body: RevisionRequest, _ own: RevisionMatcher, to deployment: DeploymentID
    ) async throws -> RevisionID {
        var facts = request.facts
        facts["deployment"] = deployment.rawValue
        facts[Self.tarballFact] = body.sourceRevisionConfig.sourceTarballPath
        do {
            return try await context.perform("create-revision", facts: facts) {
                try await client.createRevision(of: deployment, body).id
            }
        } catch let error as ControlPlaneError where error.kind == .notSupported {
            context.note("this control plane makes revisions by PATCH", level: .debug)
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

    /// What an earlier try of this step made, of which the run may have ended before it heard.
    private func madeEarlier(in deployment: DeploymentID) async throws -> RevisionID? {
        if let id = context.previousAttempts.outputs["revision-id"]?.string { return RevisionID(id) }
        guard let intent = context.previousAttempts.effects.last(where: { $0.effect != "create-deployment" }) else {
            return nil
        }
        context.note("an earlier try was about to make the revision: looking for it")
        let lost = ControlPlaneError(.ambiguous, "the run ended before it heard of the new revision")
        var reconciliation = Reconciliation()
        return try await search(deployment)
            .find(
                ownRevision(tarball: intent.facts[Self.tarballFact], before: request.known), &reconciliation,
                after: lost)
    }

    private func notListed(_ finding: RevisionMatcher.Finding, in deployment: DeploymentID) -> StepFailure {
        var message = "deployment \(deployment) shows no revision that could be ours"
        if case .onlyOthers(let others) = finding {
            message +=
                "; newer ones are built from something else: "
                + others.map(\.rawValue).joined(separator: ", ")
        }
        return StepFailure(
            .timedOut, code: "RevisionNotFound", message, hint: "see what is under way with slipway status")
    }

    func makeArchive(for deployment: String) async throws -> SourceArchive.File {
        try await SourceArchive(request: request, folder: services.scratchFolder, deployment: deployment).write()
    }

    private func upload(to deployment: DeploymentID) async throws -> String {
        let archive = if let archive { archive } else { try await makeArchive(for: deployment.rawValue) }
        defer { archive.remove() }
        context.note("uploading \(archive.size / 1024) KiB, the tree of commit \(request.sha.prefix(12))")
        let target = try await client.requestUpload(for: deployment)
        try await client.upload(archive: archive.path, size: archive.size, to: target)
        uploads.add(objectPath: target.objectPath, sha: request.sha)
        return target.objectPath
    }
}
