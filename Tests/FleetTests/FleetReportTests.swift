import ControlPlaneTypes
import Engine
import Fleet
import Redaction
import Reports
import Simulation
import TestSupport
import Testing

@Suite struct FleetReportTests {
    /// As the command makes it, which knows the waves.
    private func summary(of result: FleetTrialResult) throws -> RunSummary {
        var events = result.result.events
        let index = try #require(events.firstIndex { $0.payload is RunStarted })
        var start = try #require(events[index].payload as? RunStarted)
        start.origin = RunOrigin(folder: "/", waves: result.fleet.jobs)
        events[index] = RunEvent(
            sequence: events[index].sequence, date: events[index].date, runID: events[index].runID, payload: start)
        return RunSummary(events: events)
    }

    private func text(of summary: RunSummary) -> String {
        ConsoleSummary(summary, clean: TextSanitizer(escapesCICommands: false)).text
    }

    @Test func `what the bake found is what is live, and no success`() async throws {
        let trial = try FleetTrial(["canary", "a"], FleetBakeTests.text) { world in
            guard let id = world.deployment(named: "canary")?.id else { return }
            world.remote["other"] = WorkflowHarness.otherCommit
            world.at(.seconds(300)) { world, now in world.push("other", to: id, at: now) }
        }
        let result = try await trial.deploy()
        let canary = try #require(result.result.plane.world { $0.deployment(named: "canary") })
        let live = try #require(canary.active(at: result.result.plane.now))
        let summary = try summary(of: result)
        #expect(summary.rollouts.map(\.outcome) == [.failure, .success])
        #expect(summary.rollouts.first?.liveRevisionID == live.rawValue)
        let text = text(of: summary)
        #expect(text.contains("1 of 2 targets succeeded"), "\(text)")
        #expect(text.contains("canary (failure): revision \(live)"), "\(text)")
        let xml = JUnitReport([summary]).xml
        #expect(xml.contains("revision \(live) is live instead of revision"), "\(xml)")
    }

    @Test func `a target that falls back in the bake does not serve ours`() async throws {
        let trial = try FleetTrial(["canary", "a"], FleetBakeTests.text) { world in
            guard let id = world.deployment(named: "canary")?.id else { return }
            world.at(.seconds(300)) { world, now in world.change(id) { $0.fallBack(at: now) } }
        }
        let result = try await trial.deploy()
        let canary = try #require(result.result.plane.world { $0.deployment(named: "canary") })
        let summary = try summary(of: result)
        #expect(summary.rollouts.first?.liveRevisionID == canary.revisions.first?.id.rawValue)
        #expect(text(of: summary).contains("0 of 2 targets succeeded, 1 did not begin"), "\(text(of: summary))")
    }

    @Test func `targets that fail before their deployment is read are counted, and named`() async throws {
        let trial = try FleetTrial(
            ["a", "b"],
            "targets: [{deployment: a}, {deployment: b, source: internal_source}]\nwaves: [{max-failures: 1}]")
        let summary = try summary(of: await trial.deploy())
        let result = ConsoleSummary(summary, clean: TextSanitizer(escapesCICommands: false)).result
        #expect(result.hasPrefix("ERROR: b: deployment 'b' has the source github"), "\(result)")
        #expect(result.hasSuffix("; 1 of 2 targets succeeded"), "\(result)")
    }
    @Test func `JUnit has a suite for each wave and a case for each target`() async throws {
        let trial = try FleetTrial(
            ["canary", "a", "b"],
            """
            targets:
              - {deployment: canary, labels: {ring: canary}}
              - {deployment: a, labels: {ring: all}}
              - {deployment: b, labels: {ring: all}}
            waves: [{name: first, match: {ring: canary}}, {name: rest, match: {ring: all}, max-parallel: 1}]
            """
        ) { $0.rollouts = [.deployed, .buildFailed] }
        let result = try await trial.deploy()
        let xml = JUnitReport([try summary(of: result)]).xml
        let suites = xml.split(separator: "<testsuite ").dropFirst().map(String.init)
        #expect(suites.map { $0.hasPrefix(#"name="first""#) } == [true, false, false])
        #expect(suites[1].hasPrefix(#"name="rest" tests="2" failures="1" errors="0" skipped="1""#))
        #expect(suites[1].contains(#"name="a""#) && suites[1].contains("BUILD_FAILED"))
        #expect(suites[0].contains("revision "))
        #expect(suites[2].hasPrefix(#"name="commit""#))
    }

    @Test func `what a wave's rollback brought back is not counted as deployed`() async throws {
        let trial = try FleetTrial(
            ["a", "b", "c"],
            """
            targets: [{deployment: a}, {deployment: b}, {deployment: c}]
            waves: [{max-parallel: 3, strict: false, on-failure: rollback-wave}]
            """
        ) { $0.nextRollouts = ["a": .deployFailed] }
        let result = try await trial.deploy()
        #expect(["a", "b", "c"].allSatisfy(result.isOld))
        let summary = RunSummary(events: result.result.events)
        #expect(summary.rollouts.count == 3)
        #expect(summary.rollouts.allSatisfy { $0.outcome == .failure })
    }
}
