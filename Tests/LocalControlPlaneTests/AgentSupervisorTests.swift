import ControlPlaneTypes
import Foundation
import TestSupport
import Testing

@testable import LocalControlPlane

struct AgentSupervisorTests {
    @Test
    func `an agent that died is started again behind the same front`() async throws {
        try await PlaneFixture.withWorking { fixture in
            let (id, revision) = try await fixture.deployed()
            let dead = try #require(fixture.runtime.running.first)
            await fixture.clock.sleepers(2)
            dead.die()
            fixture.clock.advance(by: LivenessPolicy.checkInterval)
            try await fixture.waitForAgents { !$0.isEmpty }
            let agent = try #require(fixture.runtime.running.first)
            #expect(agent.pid != dead.pid)
            try await fixture.waitForLog(of: revision, in: id, containing: "healthy again (pid \(agent.pid))")
            #expect(await fixture.runtime.fronts.first?.history.last == agent.port)
            #expect(try await fixture.store.agents().map(\.pid) == [agent.pid])
        }
    }

    @Test
    func `an agent that cannot be started again is given up, and the log says so`() async throws {
        try await PlaneFixture.withWorking { fixture in
            let (id, revision) = try await fixture.deployed()
            await fixture.clock.sleepers(2)
            await fixture.runtime.failStarts(with: "no more")
            for agent in fixture.runtime.running { agent.die() }
            async let givenUp: Void = fixture.waitForLog(of: revision, in: id, containing: "died too often")
            for _ in 0..<5 {
                fixture.clock.advance(by: .seconds(10))
                await fixture.clock.sleepers(1)
            }
            try await givenUp
        }
    }

    @Test(arguments: [(false, []), (true, nil)] as [(Bool, Set<Int32>?)])
    func `what left its session ends with the plane, unless agents are kept`(
        keeps: Bool, swept: Set<Int32>?
    ) async throws {
        try await PlaneFixture.withState { state in
            let fixture = try await PlaneFixture(state: state, policy: PlanePolicy(keepsAgents: keeps))
            let run = Task { try await fixture.plane.supervisor.run() }
            run.cancel()
            try await run.value
            #expect(await fixture.runtime.sweptKeeping == swept)
        }
    }
}

extension PlaneFixture {
    /// Looks again each time the clock's sleepers change hands, without waiting by the wall clock.
    func waitForLog(of revision: RevisionID, in deployment: DeploymentID, containing text: String) async throws {
        let file = plane.state.folder(of: revision)
        while !LogFile(kind: .deploy, revisionFolder: file).lines().contains(where: { $0.message.contains(text) }) {
            clock.advance(by: .seconds(1))
            await Task.yield()
        }
    }
}
