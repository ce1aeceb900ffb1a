import Engine
import Fleet
import Reports
import Simulation
import TestSupport
import Testing

@Suite struct FleetReportTests {
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
        var events = result.result.events
        let index = try #require(events.firstIndex { $0.payload is RunStarted })
        var start = try #require(events[index].payload as? RunStarted)
        start.origin = RunOrigin(folder: "/", waves: result.fleet.jobs)
        events[index] = RunEvent(
            sequence: events[index].sequence, date: events[index].date, runID: events[index].runID, payload: start)
        let xml = JUnitReport([RunSummary(events: events)]).xml
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
        #expect(summary.rollouts.allSatisfy { summary.outcome(of: $0) == .failure })
    }
}
