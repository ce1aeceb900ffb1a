import ControlPlane
import ControlPlaneTypes
import Engine

/// Finds out, once, whether somebody's revision slipped in between the last look and ours (docs/failures.md, row 23).
struct ConcurrentDeployCheck: Sendable {
    /// Lists may lag behind the revision itself.
    private static let tries = 3

    let client: ControlPlaneClient
    let context: StepContext
    let deployment: DeploymentID
    let revision: RevisionID
    /// The revisions that were there before ours.
    let known: Set<RevisionID>
    private var triesLeft = Self.tries

    init(
        client: ControlPlaneClient, context: StepContext, deployment: DeploymentID, revision: RevisionID,
        known: Set<RevisionID>
    ) {
        self.client = client
        self.context = context
        self.deployment = deployment
        self.revision = revision
        self.known = known
    }

    /// Those between ours and what was there before it, newest first; nil as long as ours is not listed. `listed` is
    /// newest first.
    static func intruders(before revision: RevisionID, in listed: [Revision], known: Set<RevisionID>) -> [RevisionID]? {
        guard let place = listed.firstIndex(where: { $0.id == revision }) else { return nil }
        return listed[place...].dropFirst().map(\.id).prefix { !known.contains($0) }.map(\.self)
    }

    /// Costs nothing but a warning: what it finds changes nothing about ours.
    mutating func look() async {
        guard triesLeft > 0, !known.isEmpty, !known.contains(revision) else { return }
        triesLeft -= 1
        let listed: [Revision]
        do {
            listed = try await client.listRevisions(of: deployment, limit: RevisionSearch.listed).resources
        } catch {
            context.note("what was made before our revision could not be listed: \(error)", level: .debug)
            return
        }
        guard let intruders = Self.intruders(before: revision, in: listed, known: known) else { return }
        triesLeft = 0
        guard !intruders.isEmpty else { return }
        context.warn(
            "raced: \(intruders.map { "revision \($0)" }.joined(separator: ", ")) of somebody else was made just before "
                + "ours, \(revision), which replaces it")
    }
}
