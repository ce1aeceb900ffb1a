import ControlPlaneTypes
import Foundation
import TestSupport
import Testing

@testable import LocalControlPlane

struct RetentionServiceTests {
    private func revisions(_ fixture: ServerFixture, _ id: DeploymentID) async throws -> [RevisionRecord] {
        try await fixture.store.revisions(of: id, slice: PageSlice(limit: 5000, offset: 0))
    }

    @Test func `the name of a deleted deployment is free after a week`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let date = fixture.clock.date
            try await fixture.store.update(id) { record in
                record.status = .awaitingFinalDelete
                record.updatedAt = date.addingTimeInterval(-RetentionService.nameRetention + 60)
            }
            await fixture.components.retention.sweep()
            #expect(try await fixture.store.deployment(id) != nil)
            try await fixture.store.update(id) {
                $0.updatedAt = date.addingTimeInterval(-RetentionService.nameRetention - 60)
            }
            await fixture.components.retention.sweep()
            #expect(try await fixture.store.deployment(id) == nil)
            #expect(try await fixture.createDeployment().id != id)
        }
    }

    @Test func `a folder that cannot be removed keeps none of the others`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let first = try #require(try await revisions(fixture, id).first)
            var second = first
            (second.sequence, second.id) = (nil, RevisionID("other"))
            _ = try await fixture.store.add(second) { _ in }
            let retention = fixture.components.retention
            let folders = [first, second].map { retention.state.folder(of: $0.id) }
            for folder in folders {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data().write(to: folder.appending(path: "agent.log"))
            }
            // A folder with a mount in it, or of another user, cannot be removed.
            let removal = RetentionService.Removal { file in
                guard file != folders[1] else { throw CocoaError(.fileWriteNoPermission) }
                try FileManager.default.removeItem(at: file)
            }
            var failing = retention
            failing.removal = removal
            await #expect(throws: CocoaError.self) { try await failing.removeAll(of: id) }
            #expect(!FileManager.default.fileExists(atPath: folders[0].path(percentEncoded: false)))
        }
    }

    @Test func `an unused upload is removed after a day`() async throws {
        try await ServerFixture.withIdle { fixture in
            let id = try await fixture.createDeployment().id
            let old = fixture.clock.date.addingTimeInterval(-RetentionService.uploadRetention - 1)
            try await fixture.store.save(UploadRecord(objectPath: "uploads/a", deploymentID: id, createdAt: old))
            try await fixture.store.save(UploadRecord(objectPath: "uploads/b", deploymentID: id, createdAt: old))
            try await fixture.store.save(
                UploadRecord(objectPath: "uploads/c", deploymentID: id, createdAt: fixture.clock.date))
            var revision = try #require(try await revisions(fixture, id).first)
            revision.sequence = nil
            revision.id = RevisionID("used")
            revision.config.sourceTarballPath = "uploads/b"
            _ = try await fixture.store.add(revision) { _ in }
            await fixture.components.retention.sweep()
            #expect(try await fixture.store.upload("uploads/a") == nil)
            #expect(try await fixture.store.upload("uploads/b") != nil)
            #expect(try await fixture.store.upload("uploads/c") != nil)
        }
    }

    @Test func `old revisions are removed unless they are live, in progress or in use`() async throws {
        try await ServerFixture.withIdle { fixture in
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

struct RetentionPolicyTests {
    /// Newest first.
    private func revisions(_ statuses: RevisionStatus...) -> [RevisionRecord] {
        statuses.enumerated().map { position, status in
            let id = RevisionID("r\(position)")
            var config = SourceRevisionConfig()
            config.sourceTarballPath = "uploads/\(position)"
            return RevisionRecord(
                id: id, deploymentID: DeploymentID("d"), source: .internalSource, status: status, config: config,
                artifactID: id, createdAt: .distantPast, updatedAt: .distantPast)
        }
    }

    @Test
    func `the live, previous and unfinished builds are kept`() {
        let all = revisions(
            .building, .buildFailed, .deployed, .deployFailed, .deployed, .deployed, .deployed, .deployed)
        let policy = RetentionPolicy(revisions: all, active: RevisionID("r7"))
        #expect(Set(policy.trees.map(\.rawValue)) == ["r0", "r2", "r4", "r5", "r7"])
    }

    @Test
    func `the build that a redeployed revision runs from is kept`() {
        var all = revisions(.deployed, .deployed, .deployed, .deployed)
        all[0].artifactID = RevisionID("r3")
        let policy = RetentionPolicy(revisions: all, active: RevisionID("r0"))
        #expect(policy.trees.contains(RevisionID("r3")))
        #expect(!policy.trees.contains(RevisionID("r0")))
    }

    @Test
    func `the archives of the last revisions are kept`() {
        let all = (0..<12).flatMap { _ in revisions(.deployed) }
        #expect(RetentionPolicy(revisions: all, active: nil).archives == ["uploads/0"])
        let distinct = revisions(
            .deployed, .deployed, .deployed, .deployed, .deployed, .deployed, .deployed, .deployed, .deployed,
            .deployed, .deployed, .deployed)
        #expect(RetentionPolicy(revisions: distinct, active: nil).archives.count == 10)
    }
}
