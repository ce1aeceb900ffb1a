import Clocks
import ControlPlaneTypes
import Foundation
import TestSupport
import Testing

@testable import LocalControlPlane

@Suite(.timeLimit(.minutes(2)))
struct AgentSupervisorTests {
    @Test
    func `a crashed agent is restarted behind the same front proxy`() async throws {
        try await ServerFixture.withWorking { fixture in
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
    func `an agent that exceeds a limit is restarted, and the log says why`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, revision) = try await fixture.deployed()
            let greedy = try #require(fixture.runtime.running.first)
            await fixture.clock.sleepers(2)
            greedy.exceed()
            async let told: Void = fixture.waitForLog(of: revision, in: id, containing: "uses too much: restarting")
            fixture.clock.advance(by: LivenessPolicy.checkInterval)
            try await fixture.waitForAgents { $0.contains { $0.pid != greedy.pid } }
            try await told
        }
    }

    @Test
    func `an agent that keeps crashing is not restarted, and the log says so`() async throws {
        try await ServerFixture.withWorking { fixture in
            let (id, revision) = try await fixture.deployed()
            await fixture.clock.sleepers(2)
            await fixture.runtime.failStarts(with: "no more")
            for agent in fixture.runtime.running { agent.die() }
            async let givenUp: Void = fixture.waitForLog(of: revision, in: id, containing: "crashed too often")
            for _ in 0..<5 {
                fixture.clock.advance(by: .seconds(10))
                await fixture.clock.sleepers(1)
            }
            try await givenUp
        }
    }

    @Test(arguments: [(false, []), (true, nil)] as [(Bool, Set<Int32>?)])
    func `orphans are killed on shutdown, unless agents are kept`(
        keeps: Bool, swept: Set<Int32>?
    ) async throws {
        try await ServerFixture.withState { state in
            let fixture = try await ServerFixture(state: state, options: ServerOptions(keepsAgents: keeps))
            let run = Task { try await fixture.components.supervisor.run() }
            run.cancel()
            try await run.value
            #expect(await fixture.runtime.sweptKeeping == swept)
        }
    }
}

extension ServerFixture {
    /// Moves the clock until the log contains the text.
    func waitForLog(of revision: RevisionID, in deployment: DeploymentID, containing text: String) async throws {
        let log = LogFile(kind: .deploy, revisionFolder: components.state.folder(of: revision))
        let clock = clock
        try await waiting(until: "the log contains '\(text)'") {
            while !log.lines().contains(where: { $0.message.contains(text) }) {
                try Task.checkCancellation()
                clock.advance(by: .seconds(1))
                await Task.yield()
            }
        }
    }
}

struct LivenessPolicyTests {
    private func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceStart: .seconds(seconds)) }

    @Test
    func `three failed checks in a row cause a restart, two do not`() {
        var policy = LivenessPolicy()
        let answers = [false, false, true, false, false, false]
        let decisions = answers.enumerated().map { policy.checked(healthy: $0.element, at: at($0.offset * 5)) }
        #expect(decisions == [.wait, .wait, .wait, .wait, .wait, .restart(after: .zero)])
    }

    @Test
    func `each restart waits longer, and there is no sixth within ten minutes`() {
        var policy = LivenessPolicy()
        let decisions = (0..<6).map { policy.died(at: at($0)) }
        #expect(
            decisions == [
                .restart(after: .zero), .restart(after: .seconds(1)), .restart(after: .seconds(2)),
                .restart(after: .seconds(4)), .restart(after: .seconds(8)), .giveUp,
            ])
    }

    @Test
    func `old restarts do not count`() {
        var policy = LivenessPolicy()
        for second in 0..<5 { _ = policy.died(at: at(second)) }
        #expect(policy.died(at: at(700)) == .restart(after: .zero))
    }
}
