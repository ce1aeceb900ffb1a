import ControlPlane
import FoundationEssentials
import Simulation
import TestSupport
import Testing

/// What has to hold whatever happens: each seed is a deploy, or a rollback by hand, under faults of its own.
@Suite struct SwarmTests {
    /// `SLIPWAY_SWARM_SEEDS=A..<B` chooses others, to repeat a breach or to search for one.
    static let seeds: Range<UInt64> = {
        let text = ProcessInfo.processInfo.environment["SLIPWAY_SWARM_SEEDS"] ?? ""
        let bounds = text.split(separator: "..<").compactMap { UInt64($0) }
        guard bounds.count == 2, bounds[0] < bounds[1] else { return 0..<600 }
        return bounds[0]..<bounds[1]
    }()

    /// Seeds that broke a promise once, or never came to an end.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            1434, 2089, 2966, 3391, 3840, 4464, 4733, 4793, 15_029, 18_249, 18_410, 22_077, 28_443, 29_554, 31_482,
            32_662,
            55_527, 70_638, 86_192, 88_269, 110_494, 133_413, 166_047, 183_971, 190_719, 191_418, 268_207, 303_755,
            397_783, 465_937, 522_911, 598_821, 621_714, 755_014, 765_246, 819_641, 940_758,
        ] as [UInt64])
    func `what was mended stays mended`(seed: UInt64) async throws {
        let run = try await SwarmRun(seed: seed)
        for breach in run.breaches { Issue.record("\(breach)\n\(run.story)") }
    }

    @Test func `a seed takes the same way every time`() async throws {
        var ways: [[String]] = []
        for _ in 0..<2 {
            let arrivals = try await SwarmRun(seed: 52).result.plane.arrivals
            ways.append(arrivals.map { "\($0.at) \($0.request.endpoint) \(String(describing: $0.fault))" })
        }
        #expect(ways.first?.isEmpty == false && ways.first == ways.last)
    }

    @Test(arguments: 0..<UInt64(30))
    func `promises hold under every mixture of faults`(group: UInt64) async throws {
        for seed in Self.seeds where seed % 30 == group {
            let run = try await SwarmRun(seed: seed)
            for breach in run.breaches { Issue.record("\(breach)\n\(run.story)") }
        }
    }
}
