import Engine
import TestSupport
import Testing

@testable import Reports

struct DeployPhaseTests {
    /// Each status lasts a second, the last one ten.
    private func revision(_ statuses: [String]) throws -> RevisionSummary {
        var script = RunScript()
        script.start("wait")
        for status in statuses { script.see("r", status, after: .seconds(1)) }
        script.finish("wait", after: .seconds(10))
        return try #require(RunSummary(events: script.events).main.revision)
    }

    @Test func `a rollout goes through three phases`() throws {
        let phases = try revision(
            ["CREATING", "QUEUED", "AWAITING_BUILD", "BUILDING", "AWAITING_DEPLOY", "DEPLOYING", "DEPLOYED"]
        ).phases
        #expect(phases.map(\.phase) == [.queue, .build, .deploy])
        #expect(phases.map(\.duration) == [.seconds(3), .seconds(1), .seconds(2)])
        #expect(phases.map(\.result) == [.success, .success, .success])
    }

    @Test(arguments: [
        (["QUEUED", "CREATE_FAILED"], [Outcome.failure, .skip, .skip]),
        (["QUEUED", "BUILDING", "BUILD_FAILED"], [.success, .failure, .skip]),
        (["QUEUED", "BUILD_FAILED"], [.success, .failure, .skip]),
        (["QUEUED", "BUILDING", "DEPLOYING", "DEPLOY_FAILED"], [.success, .success, .failure]),
        (["QUEUED", "DEPLOYING", "DEPLOYED"], [.success, .skip, .success]),
        (["QUEUED", "BUILDING", "SKIPPED"], [.success, .failure, .skip]),
        (["DEPLOYED"], [.skip, .skip, .skip]),
    ])
    func `a settled revision tells how each phase ended`(statuses: [String], results: [Outcome]) throws {
        let revision = try revision(statuses)
        #expect(revision.isTerminal)
        #expect(revision.phases.map(\.result) == results)
    }

    @Test(arguments: ["INTERRUPTED", "UNKNOWN", "SOMETHING_NEW"])
    func `a status that is no phase counts to the phase before it`(status: String) throws {
        let revision = try revision(["QUEUED", "BUILDING", status])
        #expect(!revision.isTerminal)
        #expect(revision.phases.map(\.result) == [.success, nil, .skip])
        #expect(revision.phases.map(\.duration) == [.seconds(1), .seconds(11), .zero])
    }

    @Test func `a revision that nobody waited for has no waiter`() throws {
        var script = RunScript()
        script.start("create")
        script.see("r", "QUEUED")
        script.finish("create")
        script.finishRun(.success)
        let summary = RunSummary(events: script.events)
        #expect(RevisionWaits(summary).waiter(for: try #require(summary.main.revision)) == nil)
    }

    @Test func `the step that gave up waiting is the waiter of a revision that goes on`() throws {
        var script = RunScript()
        script.start("create")
        script.see("r", "QUEUED")
        script.finish("create")
        script.start("wait")
        script.finish("wait", .timeout, after: .seconds(60))
        let summary = RunSummary(events: script.events)
        #expect(RevisionWaits(summary).waiter(for: try #require(summary.main.revision))?.step == "wait")
    }
}
