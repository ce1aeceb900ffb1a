import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Fleet
import Simulation
import Steps
import TestSupport
import Testing
import WorkflowModel

/// What a fleet asks of the control plane while it waits.
@Suite struct FleetSweepTests {
    private static func trial(_ count: Int, _ arrange: (inout ModelWorld) -> Void = { _ in }) throws -> FleetTrial {
        let names = (1...count).map { "target-\($0)" }
        let targets = names.map { "  - {deployment: \($0)}" }.joined(separator: "\n")
        return try FleetTrial(
            names, "targets:\n\(targets)\nwaves:\n  - {max-parallel: \(count), max-failures: 100%}", arrange)
    }

    @Test func `many targets cost few requests`() async throws {
        let result = try await Self.trial(120).deploy()
        #expect(result.verdict == .success)
        #expect(result.live.values.allSatisfy { $0 == WorkflowHarness.ourCommit })
        // Two a sweep; the first 15 have nobody to share with.
        let sweeps = result.requests["GET /v2/deployments", default: 0]
        #expect(sweeps <= 2 * (90 / 5 + 2))
        let others = result.requests.values.reduce(0, +) - sweeps
        #expect(others <= 120 * 6 + 15 * 6, "\(result.requests)")
    }

    @Test func `a few targets are polled one by one`() async throws {
        let result = try await Self.trial(5).deploy()
        #expect(result.verdict == .success)
        #expect(!result.result.plane.arrivals.contains { $0.request.url.contains("deployment_ids") })
    }

    @Test func `a fixed interval between polls is kept`() async throws {
        let names = (1...20).map { "target-\($0)" }
        let targets = names.map { "  - {deployment: \($0)}" }.joined(separator: "\n")
        let result = try await FleetTrial(
            names,
            "defaults: {poll-interval: 5s}\ntargets:\n\(targets)\nwaves:\n  - {max-parallel: 20, max-failures: 100%}"
        ).deploy()
        #expect(result.verdict == .success)
        #expect(!result.result.plane.arrivals.contains { $0.request.url.contains("deployment_ids") })
        // Ninety seconds, every five.
        #expect(18 * 20...21 * 20 ~= result.requests[WorkflowHarnessResult.poll, default: 0])
    }

    @Test func `a target that fails is seen, though no row shows it`() async throws {
        let result = try await Self.trial(40) { $0.rollouts = [.deployed, .buildFailed] }.deploy()
        #expect(result.verdict == .failed)
        #expect(result.live.values.count { $0 == WorkflowHarness.oldCommit } == 1)
        #expect(result.result.duration < .seconds(400))
    }

    @Test func `a sweep that fails holds up nobody`() async throws {
        let trial = try Self.trial(40)
        trial.harness.plane.faults { faults in
            faults.add("GET /v2/deployments", .status(500), after: 1, times: nil)
        }
        let result = try await trial.deploy()
        #expect(result.verdict == .success)
    }
}

extension FleetTrialResult {
    /// How many requests went to each endpoint.
    var requests: [String: Int] {
        result.plane.arrivals.reduce(into: [:]) { $0[$1.request.endpoint, default: 0] += 1 }
    }
}
