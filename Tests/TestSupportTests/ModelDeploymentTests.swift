import Clocks
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@Suite struct ModelDeploymentTests {
    static let course: [(Int, RevisionStatus)] = [
        (0, .creating), (2, .queued), (4, .awaitingBuild), (30, .building), (67, .awaitingDeploy), (80, .deploying),
        (90, .deployed), (9000, .deployed),
    ]

    private func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceStart: .seconds(seconds)) }

    private func world(_ rollouts: [ModelRollout] = []) -> (ModelWorld, DeploymentID) {
        var world = ModelWorld(epoch: Date(timeIntervalSince1970: 0))
        world.remote = ["main": "1", "dev": "2"]
        world.rollouts = rollouts
        let id = world.addDeployment(commits: ["0"])
        return (world, id)
    }

    private func statuses(_ world: ModelWorld, _ id: DeploymentID, _ now: MonotonicInstant) -> [RevisionStatus] {
        (world.deployment(id)?.revisions ?? []).map { $0.status(at: now) }
    }

    @Test(arguments: course)
    func `a revision goes through the statuses in their order`(seconds: Int, status: RevisionStatus) {
        #expect(ModelRollout.deployed.status(after: .seconds(seconds)) == status)
    }

    @Test func `one that gets stuck stays in its last status`() {
        #expect(ModelRollout.stuck.duration == nil)
        #expect(ModelRollout.stuck.status(after: .seconds(1_000_000)) == .deploying)
    }

    @Test func `what is deployed serves from then on`() {
        var (world, id) = world()
        let made = world.push("main", to: id, at: at(10))
        world.settle(until: at(99))
        #expect(world.deployment(id)?.active(at: at(99)) != made)
        world.settle(until: at(100))
        #expect(world.deployment(id)?.active(at: at(100)) == made)
        #expect(world.deployment(id)?.active(at: at(100), lag: .seconds(5)) != made)
        #expect(world.deployment(id)?.revisions.last?.commit == "1")
    }

    @Test func `what fails leaves the old one serving`() {
        var (world, id) = world([.buildFailed])
        let before = world.deployment(id)?.active(at: at(0))
        world.push("main", to: id, at: at(0))
        world.settle(until: at(500))
        #expect(world.deployment(id)?.active(at: at(500)) == before)
    }

    @Test func `revisions run one at a time, and only the newest of those that wait`() {
        var (world, id) = world()
        for second in 0..<4 { world.push("main", to: id, at: at(second)) }
        world.settle(until: at(50))
        #expect(statuses(world, id, at(50)).dropFirst() == [.building, .queued, .queued, .queued])
        world.settle(until: at(100))
        #expect(statuses(world, id, at(100)).dropFirst() == [.deployed, .skipped, .skipped, .building])
    }

    @Test func `an interruption frees the slot`() {
        let (begun, id) = world([.stuck])
        var world = begun
        let stuck = world.push("main", to: id, at: at(0))
        world.push("dev", to: id, at: at(10))
        world.at(.seconds(100)) { world, now in
            guard let stuck else { return }
            world.interrupt(stuck, of: id, at: now)
        }
        world.settle(until: at(300))
        #expect(statuses(world, id, at(300)).dropFirst() == [.interrupted, .deployed])
    }

    @Test func `things happen in their order, however late they are looked at`() {
        let (begun, id) = world()
        var world = begun
        world.at(.seconds(60)) { world, now in world.push("dev", to: id, at: now) }
        world.at(.seconds(20)) { world, now in world.push("main", to: id, at: now) }
        world.settle(until: at(1000))
        #expect(world.deployment(id)?.revisions.dropFirst().map(\.ref) == ["main", "dev"])
        #expect(world.deployment(id)?.active(at: at(1000)) == world.deployment(id)?.revisions.last?.id)
    }

    @Test func `ids are UUIDs that differ from their first digits on`() {
        var (world, id) = world()
        var ids: [String] = []
        for second in 0..<50 { ids += [world.push("main", to: id, at: at(second))?.rawValue].compactMap(\.self) }
        #expect(ids.allSatisfy { UUID(uuidString: $0) != nil })
        #expect(Set(ids.map { $0.prefix(6) }).count == 50)
    }
}
