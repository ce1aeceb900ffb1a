import ControlPlaneTypes
import Foundation
import Processes
import TestSupport
import Testing

@testable import LocalControlPlane

/// A plane that is killed and started again on the same state.
@Suite(.timeLimit(.minutes(2)))
struct RecoveryTests {
    /// Runs one plane after the other on one state; fake agents live on between them.
    private func afterRestart(
        _ before: @Sendable (ServerFixture) async throws -> Void,
        between: @Sendable (FakeRuntime) async -> Void = { _ in },
        _ after: @Sendable (ServerFixture) async throws -> Void
    ) async throws {
        try await ServerFixture.withState { state in
            let runtime = FakeRuntime()
            let first = try await ServerFixture(state: state, runtime: runtime)
            try await first.components.catalog.serve(FakeRepositories.path)
            try await first.working { try await before(first) }
            await between(runtime)
            await runtime.letGo()
            let second = try await ServerFixture(state: state, runtime: runtime)
            try await second.working { try await after(second) }
        }
    }

    @Test
    func `a live agent is adopted behind the same front proxy`() async throws {
        try await afterRestart {
            _ = try await $0.deployed()
        } _: { fixture in
            let agents = fixture.runtime.running
            let fronts = await fixture.runtime.fronts
            #expect(agents.count == 1)
            #expect(fronts.map(\.port) == [30_000, 30_000])
            #expect(fronts.last?.history == [agents.first?.port])
            #expect(await fixture.runtime.sweptKeeping == Set(agents.map(\.pid)))
            #expect(await fixture.runtime.built.count == 1)
        }
    }

    @Test
    func `a live agent that has ended is restarted without a build`() async throws {
        try await afterRestart {
            _ = try await $0.deployed()
        } between: { runtime in
            for agent in runtime.running { agent.die() }
        } _: { fixture in
            try await fixture.waitForAgents { $0.count == 1 }
            #expect(await fixture.runtime.built.count == 1)
        }
    }

    @Test
    func `an interrupted build starts over`() async throws {
        try await afterRestart { fixture in
            _ = await fixture.runtime.holdBuilds()
            let deployment = try await fixture.createDeployment()
            try await fixture.wait(for: try #require(deployment.latestRevisionID), toBe: .building)
            _ = try await fixture.runtime.building.value()
        } _: { fixture in
            let revision = try #require(try await fixture.store.deployments().first?.latestRevisionID)
            try await fixture.wait(for: revision, toBe: .deployed)
            #expect(await fixture.runtime.built == [revision, revision])
        }
    }

    @Test
    func `an interrupted deploy is retried without a build`() async throws {
        try await afterRestart { fixture in
            _ = await fixture.runtime.holdStarts()
            let deployment = try await fixture.createDeployment()
            try await fixture.wait(for: try #require(deployment.latestRevisionID), toBe: .deploying)
        } _: { fixture in
            let revision = try #require(try await fixture.store.deployments().first?.latestRevisionID)
            try await fixture.wait(for: revision, toBe: .deployed)
            #expect(await fixture.runtime.built == [revision])
            #expect(fixture.runtime.running.count == 1)
        }
    }

    @Test
    func `queued revisions are processed`() async throws {
        try await ServerFixture.withState { state in
            let idle = try await ServerFixture(state: state)
            try await idle.components.catalog.serve(FakeRepositories.path)
            let revision = try #require(try await idle.createDeployment().latestRevisionID)
            let working = try await ServerFixture(state: state)
            try await working.working { try await working.wait(for: revision, toBe: .deployed) }
        }
    }

    @Test
    func `an agent that is no longer live is killed`() async throws {
        try await afterRestart { fixture in
            let (id, revision) = try await fixture.deployed()
            try await fixture.store.update(id) { $0.activeRevisionID = nil }
            #expect(try await fixture.store.agents().map(\.revisionID) == [revision])
        } _: { fixture in
            let recorded = try await fixture.store.agents()
            #expect(fixture.runtime.running.isEmpty)
            #expect(recorded.isEmpty)
        }
    }

    @Test
    func `an interrupted deletion is finished, and the name is free after a week`() async throws {
        try await ServerFixture.withState { state in
            let first = try await ServerFixture(state: state)
            try await first.components.catalog.serve(FakeRepositories.path)
            let id = try await first.createDeployment().id
            try await first.store.update(id) { $0.status = .awaitingDelete }
            try await first.components.recovery.run()
            #expect(try await first.store.deployment(id)?.status == .awaitingFinalDelete)
            first.clock.advance(by: .seconds(8 * 86_400))
            await first.components.retention.sweep()
            #expect(try await first.store.deployment(id) == nil)
        }
    }
}

extension ServerFixture {
    /// Waits for the store to change until the running agents are as wanted.
    func waitForAgents(_ isWanted: @escaping @Sendable ([FakeAgent]) -> Bool) async throws {
        let changes = runtime.changes()
        try await waiting(until: "the expected agents run") {
            for await agents in changes where isWanted(agents) { return }
        }
    }
}
