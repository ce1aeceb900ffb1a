import ControlPlaneTypes
import Foundation
import Testing

@testable import LocalControlPlane

struct RevisionPlannerTests {
    /// Statuses in order of creation, as `deployment status`; the ids are their positions.
    private func events(_ revisions: String..., slots: Int = 1, built: Set<Int> = []) -> [String] {
        let records = revisions.enumerated().map { position, text in
            let words = text.split(separator: " ").map(String.init)
            let id = RevisionID(String(position))
            var record = RevisionRecord(
                id: id, deploymentID: DeploymentID(words[0]), source: .github,
                status: RevisionStatus(rawValue: words[1]), config: SourceRevisionConfig(), artifactID: id,
                createdAt: .distantPast, updatedAt: .distantPast)
            record.isBuilt = built.contains(position)
            return record
        }
        return RevisionPlanner(buildSlots: slots).events(for: records).map { "\($0.revision) \($0.event)" }
    }

    @Test
    func `no events are planned without revisions`() {
        #expect(events() == [])
    }

    @Test
    func `a queued revision is unblocked, then built, then deployed`() {
        #expect(events("a QUEUED") == ["0 unblocked"])
        #expect(events("a AWAITING_BUILD") == ["0 buildSlotGranted"])
        #expect(events("a BUILDING") == [])
        #expect(events("a AWAITING_DEPLOY") == ["0 deploySlotGranted"])
        #expect(events("a DEPLOYING") == [])
    }

    @Test
    func `a revision that is already built is not built again`() {
        #expect(events("a QUEUED", built: [0]) == ["0 unblockedWithBuild"])
    }

    @Test
    func `of several queued revisions only the newest is built`() {
        #expect(events("a QUEUED", "a QUEUED", "a QUEUED") == ["0 superseded", "1 superseded", "2 unblocked"])
        #expect(events("a AWAITING_BUILD", "a QUEUED") == ["0 superseded", "1 unblocked"])
    }

    @Test(arguments: ["BUILDING", "AWAITING_DEPLOY", "DEPLOYING"])
    func `a newer revision waits for the one in progress`(status: String) {
        let planned = events("a \(status)", "a QUEUED")
        #expect(!planned.contains { $0.hasPrefix("1 ") })
        #expect(!planned.contains("0 superseded"))
    }

    @Test
    func `during a build, only the newest waiting revision is kept`() {
        #expect(events("a BUILDING", "a QUEUED", "a QUEUED") == ["1 superseded"])
    }

    @Test
    func `deployments share the build slots, oldest first`() {
        #expect(events("a AWAITING_BUILD", "b AWAITING_BUILD") == ["0 buildSlotGranted"])
        #expect(events("a BUILDING", "b AWAITING_BUILD") == [])
        #expect(
            events("a AWAITING_BUILD", "b AWAITING_BUILD", slots: 2) == ["0 buildSlotGranted", "1 buildSlotGranted"])
    }

    @Test
    func `a deploy needs no build slot`() {
        #expect(events("a BUILDING", "b AWAITING_DEPLOY") == ["1 deploySlotGranted"])
    }
}

struct RevisionStateMachineTests {
    typealias Row = (from: RevisionStatus, event: RevisionEvent, to: RevisionStatus, actions: [RevisionAction])

    static let table: [Row] = [
        (.queued, .unblocked, .awaitingBuild, []),
        (.queued, .unblockedWithBuild, .awaitingDeploy, []),
        (.queued, .superseded, .skipped, [.logSuperseded]),
        (.awaitingBuild, .superseded, .skipped, [.logSuperseded]),
        (.awaitingBuild, .buildSlotGranted, .building, [.build]),
        (.building, .built, .awaitingDeploy, []),
        (.building, .buildFailed, .buildFailed, [.discardTree]),
        (.awaitingDeploy, .deploySlotGranted, .deploying, [.deploy]),
        (.deploying, .deployed, .deployed, [.retirePrevious]),
        (.deploying, .deployFailed, .deployFailed, []),
        (.building, .serverRestarted, .awaitingBuild, [.discardTree, .logRestart]),
        (.deploying, .serverRestarted, .awaitingDeploy, [.logRestart]),
    ]

    @Test(arguments: table)
    func `every transition of a revision`(row: Row) {
        let transition = RevisionStateMachine.transition(from: row.from, on: row.event)
        #expect(transition?.status == row.to)
        #expect(transition?.actions == row.actions)
    }

    @Test(arguments: RevisionStatus.known)
    func `an interruption ends only a revision in progress`(status: RevisionStatus) {
        let transition = RevisionStateMachine.transition(from: status, on: .interrupted)
        #expect(transition?.status == (status.isInProgress ? .interrupted : nil))
    }

    @Test(arguments: RevisionStatus.known.filter { !$0.isInProgress }, RevisionEvent.allCases)
    func `a terminal status does not change`(status: RevisionStatus, event: RevisionEvent) {
        #expect(RevisionStateMachine.transition(from: status, on: event) == nil)
    }

    @Test
    func `no event has two transitions from one status`() {
        let rows = Self.table.map { "\($0.from) \($0.event)" }
        #expect(Set(rows).count == rows.count)
        for status in RevisionStatus.known {
            for event in RevisionEvent.allCases where event != .interrupted {
                let isListed = rows.contains("\(status) \(event)")
                #expect(
                    (RevisionStateMachine.transition(from: status, on: event) != nil) == isListed, "\(status) \(event)")
            }
        }
    }

    @Test
    func `only a finished build counts as built`() {
        #expect(RevisionStateMachine.transition(from: .building, on: .built)?.isBuilt == true)
        #expect(RevisionStateMachine.transition(from: .awaitingBuild, on: .buildSlotGranted)?.isBuilt == nil)
    }
}
