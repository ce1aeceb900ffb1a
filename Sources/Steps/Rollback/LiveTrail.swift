import ControlPlaneTypes

/// What was live one after the other: tells a rollback from a deploy, and what a rollback goes back to.
///
/// The control plane does not say which revision is a rollback. One that is built like what was live just before counts
/// as one, and what it replaced is rolled back. Every other revision counts as a deploy, of an old commit or image too.
struct LiveTrail {
    private struct Stop {
        /// Nil when the control plane does not say what it is built from.
        var source: String?
        var revision: Revision
    }

    /// Neighbours are built from different sources; oldest first.
    private var stops: [Stop] = []
    /// The sources that were rolled back and not deployed again since.
    private(set) var rolledBack: Set<String> = []

    /// Revisions that were live, newest first.
    init(_ revisions: [Revision]) {
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
        guard let source = revision.builtFrom, let previousPlace, stops[previousPlace].source == source, let live
        else { return nil }
        return (live.id, stops[previousPlace].revision.id)
    }

    private var previousPlace: Int? {
        guard let live = stops.last else { return nil }
        return stops.dropLast().lastIndex { stop in
            guard let source = stop.source else { return true }
            return source != live.source && !rolledBack.contains(source)
        }
    }

    private mutating func add(_ revision: Revision) {
        let source = revision.builtFrom
        if rollback(by: revision) != nil, let previousPlace {
            rolledBack.formUnion(stops[(previousPlace + 1)...].compactMap(\.source))
            stops.removeSubrange(previousPlace...)
        } else if let source {
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
