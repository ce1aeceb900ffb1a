import Simulation
import Testing

/// What holds for fleets whatever fails, whoever else acts and whenever the process is killed.
@Suite struct FleetSeedTests {
    /// Seeds that broke a promise once.
    @Test(arguments: [1097] as [UInt64])
    func `what was mended stays mended`(seed: UInt64) async throws {
        let run = try await FleetSeedRun(seed: seed)
        for breach in run.breaches { Issue.record("\(breach)\n\(run.story)") }
    }

    @Test(arguments: 0..<UInt64(20))
    func `promises hold for every fleet`(group: UInt64) async throws {
        for seed in UInt64(0)..<60 where seed % 20 == group {
            let run = try await FleetSeedRun(seed: seed)
            for breach in run.breaches { Issue.record("\(breach)\n\(run.story)") }
        }
    }
}
