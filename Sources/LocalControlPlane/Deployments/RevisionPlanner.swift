import ControlPlaneTypes

/// Decides what happens next, from the stored revisions in progress alone.
struct RevisionPlanner {
    /// Concurrent builds allowed over all deployments.
    var buildSlots = 1

    struct PlannedEvent: Equatable, Sendable {
        var revision: RevisionID
        var event: RevisionEvent
    }

    /// - Parameter revisions: every revision in progress, oldest first.
    /// - Returns: the events to apply now; call it again afterwards.
    func events(for revisions: [RevisionRecord]) -> [PlannedEvent] {
        var freeSlots = buildSlots - revisions.count { $0.status == .building }
        var planned: [PlannedEvent] = []
        var served: Set<DeploymentID> = []
        for revision in revisions where served.insert(revision.deploymentID).inserted {
            let siblings = revisions.filter { $0.deploymentID == revision.deploymentID }
            planned += events(within: siblings, freeSlots: &freeSlots)
        }
        return planned
    }

    private func events(within siblings: [RevisionRecord], freeSlots: inout Int) -> [PlannedEvent] {
        let waiting = siblings.filter { $0.status == .queued || $0.status == .awaitingBuild }
        var planned = waiting.dropLast().map { PlannedEvent(revision: $0.id, event: .superseded) }
        let busy = siblings.first { $0.status == .building || $0.status == .awaitingDeploy || $0.status == .deploying }
        if let busy {
            if busy.status == .awaitingDeploy {
                planned.append(PlannedEvent(revision: busy.id, event: .deploySlotGranted))
            }
        } else if let next = waiting.last, let event = next.nextEvent(freeSlots: &freeSlots) {
            planned.append(PlannedEvent(revision: next.id, event: event))
        }
        return planned
    }
}

extension RevisionRecord {
    fileprivate func nextEvent(freeSlots: inout Int) -> RevisionEvent? {
        if status == .queued { return isBuilt ? .unblockedWithBuild : .unblocked }
        guard freeSlots > 0 else { return nil }
        freeSlots -= 1
        return .buildSlotGranted
    }
}
