import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Simulation
import TestSupport
import Testing
import WorkflowModel

/// What has to hold whatever happens: three hundred deploys, each under troubles of its own.
@Suite struct SwarmTests {
    @Test func `a seed takes the same way every time`() async throws {
        var ways: [[String]] = []
        for _ in 0..<2 {
            let arrivals = try await SwarmScenario(seed: 52).trial.run().plane.arrivals
            ways.append(arrivals.map { "\($0.at) \($0.request.endpoint) \(String(describing: $0.fault))" })
        }
        #expect(ways.first?.isEmpty == false && ways.first == ways.last)
    }

    @Test(arguments: 0..<30)
    func `promises hold under every mixture of troubles`(group: Int) async throws {
        for seed in (10 * group)..<(10 * group + 10) {
            let scenario = SwarmScenario(seed: UInt64(seed))
            let result = try await scenario.trial.run()
            for breach in SwarmPromises(scenario: scenario, result: result).breaches {
                Issue.record("\(breach)\n\(scenario.story)\n\(result.summary)")
            }
        }
    }
}
