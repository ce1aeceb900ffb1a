import ControlPlaneTypes

/// What was live one after the other: tells a rollback from a deploy, and what a rollback goes back to.
///
/// A revision counts as a rollback if a record says so, or if it is built like what was live just before; what it replaced
/// is rolled back. Every other revision counts as a deploy, of an old commit or image too.
struct LiveTrail {
    private struct Stop {
        /// Nil when the control plane does not say what it is built from.
        var source: String?
        var revision: Revision
    }

    private let recorded: RecordedRevisions
    /// Neighbours are built from different sources; oldest first.
    private var stops: [Stop] = []
    /// The sources that were rolled back and not deployed again since.
    private(set) var rolledBack: Set<String> = []
    /// The revisions of an earlier source, further than one step back, of which no record tells what they are.
    private(set) var unclear: Set<RevisionID> = []

    /// Revisions that were live, newest first.
    init(_ revisions: [Revision], _ recorded: RecordedRevisions) {
        self.recorded = recorded
        for revision in revisions.reversed() { add(revision) }
    }

    /// The newest one.
    var live: Revision? { stops.last?.revision }

    /// What a rollback goes back to: the last one that is neither like the live one nor rolled back.
    var previous: Revision? { previousPlace.map { stops[$0].revision } }

    /// Whether nothing older is known, so that a longer list might say more.
    func isOldest(_ revision: Revision) -> Bool { stops.first?.revision.id == revision.id }

    /// What a next revision would roll back, and to what; nil when it would be a deploy.
    func rollback(by revision: Revision) -> (undone: RevisionID, target: RevisionID)? {
        guard let live, let place = place(restoredBy: revision) else { return nil }
        return (live.id, stops[place].revision.id)
    }

    private var previousPlace: Int? {
        guard let live = stops.last else { return nil }
        return stops.dropLast().lastIndex { stop in
            guard let source = stop.source else { return true }
            return source != live.source && !rolledBack.contains(source)
        }
    }

    /// Where a rollback goes back to; nil for a revision that counts as a deploy.
    private func place(restoredBy revision: Revision) -> Int? {
        guard let source = revision.builtFrom else { return nil }
        if recorded.rollbacks.contains(revision.id) { return earlierPlace(of: source) }
        guard let previousPlace, stops[previousPlace].source == source else { return nil }
        return previousPlace
    }

    /// The last stop of a source that is not live.
    private func earlierPlace(of source: String) -> Int? {
        stops.last?.source == source ? nil : stops.lastIndex { $0.source == source }
    }

    private mutating func add(_ revision: Revision) {
        let source = revision.builtFrom
        if let place = place(restoredBy: revision) {
            rolledBack.formUnion(stops[(place + 1)...].compactMap(\.source))
            stops.removeSubrange(place...)
        } else if let source {
            if earlierPlace(of: source) != nil, !recorded.deploys.contains(revision.id) { unclear.insert(revision.id) }
            rolledBack.remove(source)
            if stops.last?.source == source { stops.removeLast() }
        }
        stops.append(Stop(source: source, revision: revision))
    }
}

extension Revision {
    /// What tells its code from that of another one; nil when the control plane does not say.
    var builtFrom: String? {
        if let text = commitSHA ?? sourceRevisionConfig?.sourceTarballPath { return text }
        guard source == .externalDocker, let image else { return nil }
        return image.digest ?? image.text
    }
}
