import ControlPlaneTypes
import Engine
import FoundationEssentials
import Synchronization
import WorkflowModel

/// The revisions that a job knew of when it planned its deploys, and those that it made: of images, whose history tells no
/// order, anything else that is live was deployed meanwhile, and a repeated deploy must not replace it.
final class KnownRevisions: Sendable {
    private struct Place: Hashable {
        /// A repeated job, or a step that is tried again, plans the same deploy once more.
        var job: JobPath
        var deployment: String
    }

    /// What the outputs `plan` and `revision` have in common.
    private struct Trace: Decodable {
        var deployment: String?
        var known: [String]?
        var revision: String?

        enum CodingKeys: String, CodingKey {
            case deployment = "deployment-id"
            case known = "known-revisions"
            case revision = "id"
        }
    }

    private let known: Mutex<[Place: Set<String>]>

    /// - Parameter earlier: the events of a resumed run.
    init(_ earlier: [RunEvent] = []) {
        known = Mutex([:])
        for case let output as OutputRecorded in earlier.map(\.payload)
        where ["plan", "revision"].contains(output.name) {
            // What a script calls so has another form.
            guard let data = try? JSONEncoder().encode(output.value),
                let trace = try? JSONDecoder().decode(Trace.self, from: data)
            else { continue }
            add([trace.revision].compactMap(\.self) + (trace.known ?? []), of: trace.deployment, by: output.job)
        }
    }

    func add(_ plan: DeployPlan, by job: JobPath) { add(plan.knownRevisions, of: plan.deploymentID, by: job) }

    func add(_ revision: TrackedRevision, by job: JobPath) {
        add([revision.id] + (revision.knownRevisions ?? []), of: revision.deploymentID, by: job)
    }

    /// The revision that is live, or will soon be named so, and that no earlier plan of the job knew; nil without such a
    /// plan.
    func stranger(in now: DeploymentSnapshot, for job: JobPath) -> RevisionID? {
        let place = Place(job: job.outermost, deployment: now.deployment.id.rawValue)
        guard let known = known.withLock({ $0[place] }) else { return nil }
        let newest = now.revisions.first { $0.status == .deployed }?.id
        return [now.deployment.activeRevisionID, newest].compactMap(\.self).first { !known.contains($0.rawValue) }
    }

    private func add(_ revisions: [String], of deployment: String?, by job: JobPath) {
        guard let deployment else { return }
        let place = Place(job: job.outermost, deployment: deployment)
        known.withLock { $0[place, default: []].formUnion(revisions) }
    }
}

extension StepFailure {
    /// What is live was deployed by somebody else after this deploy was planned.
    static func overtaken(_ plan: (subject: String, deployment: String), by revision: RevisionID) -> StepFailure {
        StepFailure(
            .superseded, code: "Superseded",
            "revision \(revision) of another deploy went live after this deploy of \(plan.subject) was planned",
            hint: "run slipway status \(plan.deployment) to see what is live, then deploy again, or pass --force")
    }
}
