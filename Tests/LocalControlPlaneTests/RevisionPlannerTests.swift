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
    func `nothing is planned for nothing`() {
        #expect(events() == [])
    }

    @Test
    func `a queued revision gets its turn, then the build slot, then the deploy slot`() {
        #expect(events("a QUEUED") == ["0 turnCame"])
        #expect(events("a AWAITING_BUILD") == ["0 buildSlotGranted"])
        #expect(events("a BUILDING") == [])
        #expect(events("a AWAITING_DEPLOY") == ["0 deploySlotGranted"])
        #expect(events("a DEPLOYING") == [])
    }

    @Test
    func `what was built before is not built again`() {
        #expect(events("a QUEUED", built: [0]) == ["0 turnCameForBuiltTree"])
    }

    @Test
    func `of several queued revisions only the newest is built`() {
        #expect(events("a QUEUED", "a QUEUED", "a QUEUED") == ["0 superseded", "1 superseded", "2 turnCame"])
        #expect(events("a AWAITING_BUILD", "a QUEUED") == ["0 superseded", "1 turnCame"])
    }

    @Test(arguments: ["BUILDING", "AWAITING_DEPLOY", "DEPLOYING"])
    func `a newer revision waits for the one under way`(status: String) {
        let planned = events("a \(status)", "a QUEUED")
        #expect(!planned.contains { $0.hasPrefix("1 ") })
        #expect(!planned.contains("0 superseded"))
    }

    @Test
    func `while one is built, the older of those that wait is skipped`() {
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
