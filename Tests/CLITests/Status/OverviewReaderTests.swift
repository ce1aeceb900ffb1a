import ControlPlaneTypes
import Foundation
import History
import Reports
import TestSupport
import Testing

@testable import CLI

private let old = String(repeating: "a", count: 40)
private let new = String(repeating: "b", count: 40)

/// What `slipway status --all` reads, and what it makes of it.
@Suite(.timeLimit(.minutes(1))) struct OverviewReaderTests {
    @Test func `a thousand deployments take twelve requests at most`() async throws {
        let fixture = try OverviewFixture { world in
            world.remote["main"] = new
            for number in 0..<1000 {
                let id = world.addDeployment(named: "agent-\(number)", commits: [old])
                if number % 100 == 0 { world.follow(id, .quickFailure) }
            }
        }
        let overview = try await fixture.read()
        #expect(overview.deployments.count == 1000)
        #expect(fixture.requests.count == 12)
        #expect(fixture.revisionRequests == 1)
        // The others are not guessed.
        let unknown = overview.deployments.filter { $0.findings == [.commitUnknown] }
        #expect(unknown.count == 9)
        #expect(overview.unread == 9)
        #expect(unknown.allSatisfy { $0.revisions.latest?.status == nil })
        #expect(overview.deployments.first?.findings == [.latestFailed])
        #expect(overview.deployments[1].revisions.live?.commitSHA == old)
    }

    @Test(arguments: [0, 1, 99, 100, 101, 250]) func `all pages are read`(_ count: Int) async throws {
        let fixture = try OverviewFixture { world in
            for number in 0..<count { world.addDeployment(named: "agent-\(number)", commits: [old]) }
        }
        let overview = try await fixture.read()
        #expect(overview.deployments.map(\.deployment.name) == (0..<count).map { "agent-\($0)" })
        #expect(!overview.isTruncated)
        #expect(fixture.requests.count - fixture.revisionRequests == count / 100 + 1)
        #expect(fixture.requests.count <= OverviewReader.budget)
    }

    @Test func `a control plane that ignores the offset is called incomplete`() async throws {
        let fixture = try OverviewFixture { world in
            world.behavior.ignoresOffset = true
            for number in 0..<150 { world.addDeployment(named: "agent-\(number)", commits: [old]) }
        }
        let overview = try await fixture.read()
        #expect(overview.deployments.count == 100)
        #expect(overview.isTruncated)
        #expect(fixture.requests.count <= OverviewReader.budget)
    }

    @Test func `a failed deploy leaves the old revision live`() async throws {
        let fixture = try OverviewFixture { world in
            world.remote["main"] = new
            world.follow(world.addDeployment(commits: [old]), .quickFailure)
        }
        let row = try #require(try await fixture.row("agent"))
        #expect(row.findings == [.latestFailed])
        #expect(row.hasDrifted)
        #expect(row.revisions.live?.commitSHA == old)
        #expect(row.revisions.live?.status == .deployed)
        #expect(row.revisions.latest?.status == .buildFailed)
        #expect(row.revisions.live?.liveSince != nil)
    }

    @Test func `what is under way is no drift`() async throws {
        let fixture = try OverviewFixture { world in
            world.remote["main"] = new
            world.follow(
                world.addDeployment(commits: [old]), ModelRollout([.init(.building, .seconds(3600))], ending: .deployed)
            )
        }
        let row = try #require(try await fixture.row("agent"))
        #expect(row.findings == [.underWay])
        #expect(!row.hasDrifted)
        #expect(row.revisions.underWay.map(\.status) == [.building])
    }

    @Test func `what never was live, is deleted, or builds on push`() async throws {
        let fixture = try OverviewFixture { world in
            world.addDeployment(named: "empty", commits: [])
            let pushed = world.addDeployment(named: "pushed", commits: [old])
            world.change(pushed) { $0.buildOnPush = true }
            let gone = world.addDeployment(named: "gone", commits: [old])
            world.change(gone) { $0.status = .awaitingDelete }
        }
        let rows = try await fixture.read().deployments
        #expect(rows.map(\.deployment.name) == ["empty", "pushed"])
        #expect(rows.map(\.findings) == [[.neverLive], [.buildOnPush]])
        #expect(rows.map(\.hasDrifted) == [false, false])
    }

    @Test func `the live revision is found behind many that failed`() async throws {
        let fixture = try OverviewFixture { world in
            world.remote["main"] = new
            let id = world.addDeployment(commits: [old])
            for number in 0..<30 { world.follow(id, .quickFailure, at: -600 + Double(number) * 10) }
        }
        let row = try #require(try await fixture.row("agent"))
        #expect(row.revisions.live?.commitSHA == old)
        #expect(fixture.revisionRequests == 2)
    }

    @Test func `a list without commits costs one request more`() async throws {
        let fixture = try OverviewFixture { world in
            world.remote["main"] = new
            world.behavior.listsCommits = false
            world.follow(world.addDeployment(commits: [old]), .quickFailure)
        }
        #expect(try await fixture.row("agent")?.revisions.live?.commitSHA == old)
        #expect(fixture.revisionRequests == 2)
    }

    @Test func `a commit that the control plane does not say is unknown`() async throws {
        let fixture = try OverviewFixture { world in
            let id = world.addDeployment(commits: [old])
            world.change(id) { $0.editRevisions { $0.rollout.reportsCommit = false } }
        }
        #expect(try await fixture.row("agent")?.findings == [.commitUnknown])
    }

    @Test func `a record explains what is not read`() async throws {
        let fixture = try OverviewFixture { world in
            world.remote["main"] = new
            for number in 0..<1000 {
                let id = world.addDeployment(named: "agent-\(number)", commits: [old])
                if number < 5 { world.follow(id, .quickFailure) }
            }
        }
        let records = fixture.plane.world { world in
            world.deployments.prefix(5).map { deployment -> ChangeRecord in
                var record = ChangeRecord(
                    runID: "run", kind: .deploy, deployment: .init(id: deployment.id.rawValue, name: deployment.name))
                record.verdict = "failed"
                record.revisions = deployment.revisions.suffix(1).map {
                    ChangeRecord.Revision(id: $0.id.rawValue, role: "ours", status: "BUILD_FAILED")
                }
                record.after = .init(revisionID: deployment.revisions[0].id.rawValue, commitSHA: old)
                return record
            }
        }
        let overview = try await fixture.read(records: records)
        #expect(overview.unread == 0)
        #expect(overview.deployments.prefix(5).allSatisfy { $0.findings == [.latestFailed] })
        #expect(overview.deployments.prefix(5).allSatisfy { $0.revisions.live?.commitSHA == old })
        #expect(fixture.requests.count <= OverviewReader.budget)
    }

    /// A record of the live revision, whose run saw it deployed so many seconds from now.
    private func record(_ fixture: OverviewFixture, seen seconds: Double) throws -> ChangeRecord {
        let deployment = try #require(fixture.plane.world { $0.deployment(named: "agent") })
        var record = ChangeRecord(runID: "run", kind: .deploy, deployment: .init(id: deployment.id.rawValue, name: nil))
        record.startedAt = Timestamp(fixture.clock.date.addingTimeInterval(-3660))
        record.verdict = "success"
        record.revisions = [
            .init(
                id: try #require(deployment.revisions.last).id.rawValue, role: "ours", status: "DEPLOYED",
                commitSHA: old, deployedAt: Timestamp(fixture.clock.date.addingTimeInterval(seconds)))
        ]
        return record
    }

    @Test(arguments: [-1e9, -4200, -30, 1e6])
    func `a wrong time in a record is not believed, as in the history`(seen: Double) async throws {
        let fixture = try OverviewFixture { $0.addDeployment(commits: [old]) }
        let known = try #require(try await fixture.row("agent")?.revisions.live?.liveSince)
        let record = try record(fixture, seen: seen)
        let row = try #require(try await fixture.row("agent", records: [record]))
        #expect(row.revisions.live?.liveSince == known)

        let folder = try TemporaryFolder()
        let reader = HistoryReader(
            client: fixture.client,
            lookup: RecordLookup(
                state: StatePaths(flag: folder.path, environment: [:]), folder: folder.path, clock: fixture.clock),
            notes: [record], uploads: [:], limit: 20, since: nil, now: fixture.clock.date)
        #expect(try await reader.read("agent").first?.entries.first?.live?.from == known.date)
    }

    @Test func `only wanted deployments cost requests`() async throws {
        let fixture = try OverviewFixture { world in
            for number in 0..<20 { world.addDeployment(named: "agent-\(number)", commits: [old]) }
        }
        let rows = try await fixture.read { $0.name == "agent-7" }.deployments
        #expect(rows.map(\.deployment.name) == ["agent-7"])
        #expect(fixture.requests.count == 2)
        #expect(rows.first?.revisions.live?.liveSince != nil)
    }
}
