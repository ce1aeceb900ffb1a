import ControlPlaneTypes
import Foundation
import TestSupport
import Testing

@testable import LocalControlPlane

struct UpkeepTests {
    private func revisions(_ fixture: PlaneFixture, _ id: DeploymentID) async throws -> [RevisionRecord] {
        try await fixture.store.revisions(of: id, slice: PageSlice(limit: 5000, offset: 0))
    }

    @Test func `the name of a deleted deployment is free again after a week`() async throws {
        try await PlaneFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let date = fixture.clock.date
            try await fixture.store.update(id) { record in
                record.status = .awaitingFinalDelete
                record.updatedAt = date.addingTimeInterval(-Upkeep.nameRetention + 60)
            }
            await fixture.plane.upkeep.sweep()
            #expect(try await fixture.store.deployment(id) != nil)
            try await fixture.store.update(id) { $0.updatedAt = date.addingTimeInterval(-Upkeep.nameRetention - 60) }
            await fixture.plane.upkeep.sweep()
            #expect(try await fixture.store.deployment(id) == nil)
            #expect(try await fixture.createDeployment().id != id)
        }
    }

    @Test func `an upload that no revision uses goes after a day`() async throws {
        try await PlaneFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let old = fixture.clock.date.addingTimeInterval(-Upkeep.uploadRetention - 1)
            try await fixture.store.save(UploadRecord(objectPath: "uploads/a", deploymentID: id, createdAt: old))
            try await fixture.store.save(UploadRecord(objectPath: "uploads/b", deploymentID: id, createdAt: old))
            try await fixture.store.save(
                UploadRecord(objectPath: "uploads/c", deploymentID: id, createdAt: fixture.clock.date))
            var revision = try #require(try await revisions(fixture, id).first)
            revision.sequence = nil
            revision.id = RevisionID("used")
            revision.config.sourceTarballPath = "uploads/b"
            _ = try await fixture.store.add(revision) { _ in }
            await fixture.plane.upkeep.sweep()
            #expect(try await fixture.store.upload("uploads/a") == nil)
            #expect(try await fixture.store.upload("uploads/b") != nil)
            #expect(try await fixture.store.upload("uploads/c") != nil)
        }
    }

    @Test func `old revisions are forgotten, but for what is live, under way or run from`() async throws {
        try await PlaneFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let template = try #require(try await revisions(fixture, id).first)
            for number in 0..<10 {
                var revision = template
                revision.sequence = nil
                revision.id = RevisionID("r\(number)")
                revision.artifactID = number == 9 ? RevisionID("r2") : revision.id
                revision.status = number == 3 ? .building : .deployFailed
                _ = try await fixture.store.add(revision) { $0.activeRevisionID = RevisionID("r1") }
            }
            try await fixture.store.pruneRevisions(keeping: 2)
            let left = try await revisions(fixture, id).map(\.id.rawValue)
            // The first one, made with the deployment, is still queued.
            #expect(left == ["r9", "r8", "r3", "r2", "r1", template.id.rawValue])
        }
    }
}
