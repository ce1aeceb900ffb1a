import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Finds out, once, whether another revision was created between the last read and ours (docs/failures.md, row 23).
/// What it finds changes nothing about ours and costs a warning.
struct ConcurrentDeployCheck: Sendable {
    /// Lists may lag behind the revision itself.
    private static let tries = 3

    let context: StepContext
    let deployment: DeploymentID
    let revision: RevisionID
    /// The revisions that existed before ours.
    let known: Set<RevisionID>
    private var triesLeft = Self.tries

    init(_ context: StepContext, deployment: DeploymentID, revision: RevisionID, known: Set<RevisionID>) {
        self.context = context
        self.deployment = deployment
        self.revision = revision
        self.known = known
    }

    /// Those between ours and what existed before it, newest first; nil as long as ours is not listed. `listed` is
    /// newest first.
    static func intruders(before revision: RevisionID, in listed: [Revision], known: Set<RevisionID>) -> [RevisionID]? {
        guard let place = listed.firstIndex(where: { $0.id == revision }) else { return nil }
        return listed[place...].dropFirst().map(\.id).prefix { !known.contains($0) }.map(\.self)
    }

    mutating func run(by reader: inout BestEffortReader, until end: MonotonicInstant) async throws {
        guard triesLeft > 0, !known.isEmpty, !known.contains(revision) else { return }
        let deployment = deployment
        let reading = try await reader.read(until: end) {
            try await $0.listRevisions(of: deployment, limit: RevisionSearch.listed).resources
        }
        switch reading {
        case .skipped: return
        case .failed(let error):
            triesLeft -= 1
            context.note("cannot list the revisions before ours: \(error.message)", level: .debug)
        case .answer(let listed):
            triesLeft -= 1
            report(in: listed)
        }
    }

    private mutating func report(in listed: [Revision]) {
        guard let intruders = Self.intruders(before: revision, in: listed, known: known) else { return }
        triesLeft = 0
        guard !intruders.isEmpty else { return }
        context.warn(
            "concurrent deploy: \(intruders.map { "revision \($0)" }.joined(separator: ", ")) created just before ours, "
                + "\(revision), which replaces it")
    }
}
