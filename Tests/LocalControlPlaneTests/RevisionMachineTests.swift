import ControlPlaneTypes
import Testing

@testable import LocalControlPlane

struct RevisionMachineTests {
    typealias Row = (from: RevisionStatus, event: RevisionEvent, to: RevisionStatus, actions: [RevisionAction])

    static let table: [Row] = [
        (.queued, .turnCame, .awaitingBuild, []),
        (.queued, .turnCameForBuiltTree, .awaitingDeploy, []),
        (.queued, .superseded, .skipped, [.noteSuperseded]),
        (.awaitingBuild, .superseded, .skipped, [.noteSuperseded]),
        (.awaitingBuild, .buildSlotGranted, .building, [.build]),
        (.building, .built, .awaitingDeploy, []),
        (.building, .buildFailed, .buildFailed, [.discardTree]),
        (.awaitingDeploy, .deploySlotGranted, .deploying, [.deploy]),
        (.deploying, .deployed, .deployed, [.retirePrevious]),
        (.deploying, .deployFailed, .deployFailed, []),
        (.building, .planeRestarted, .awaitingBuild, [.discardTree, .noteRestart]),
        (.deploying, .planeRestarted, .awaitingDeploy, [.noteRestart]),
    ]

    @Test(arguments: table)
    func `every step of a revision's life`(row: Row) {
        let transition = RevisionMachine.transition(from: row.from, on: row.event)
        #expect(transition?.status == row.to)
        #expect(transition?.actions == row.actions)
    }

    @Test(arguments: RevisionStatus.known)
    func `an interruption ends what is under way and nothing else`(status: RevisionStatus) {
        let transition = RevisionMachine.transition(from: status, on: .interrupted)
        #expect(transition?.status == (status.isUnderWay ? .interrupted : nil))
    }

    @Test(arguments: RevisionStatus.known.filter { !$0.isUnderWay }, RevisionEvent.allCases)
    func `a revision that has ended stays as it is`(status: RevisionStatus, event: RevisionEvent) {
        #expect(RevisionMachine.transition(from: status, on: event) == nil)
    }

    @Test
    func `no event has two meanings in a status`() {
        let rows = Self.table.map { "\($0.from) \($0.event)" }
        #expect(Set(rows).count == rows.count)
        for status in RevisionStatus.known {
            for event in RevisionEvent.allCases where event != .interrupted {
                let isListed = rows.contains("\(status) \(event)")
                #expect((RevisionMachine.transition(from: status, on: event) != nil) == isListed, "\(status) \(event)")
            }
        }
    }

    @Test
    func `only a finished build counts as built`() {
        #expect(RevisionMachine.transition(from: .building, on: .built)?.isBuilt == true)
        #expect(RevisionMachine.transition(from: .awaitingBuild, on: .buildSlotGranted)?.isBuilt == nil)
    }
}
